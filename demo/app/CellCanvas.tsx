/** The canvas of a run: every position a cell. What moves is drawn on a canvas over that of what is at rest. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  type ColorBy,
  cellAt,
  type Direction,
  drawOver,
  type Frames,
  layOut,
  maskColumnsOf,
  neighbour,
  StillCanvas,
  sizeCanvas,
} from "../canvas/index.ts";
import { Settling } from "../run/index.ts";
import { cellsId } from "./editKeys.ts";
import { usePalette } from "./usePalette.ts";

/** What selects cells of the canvas. */
export interface CellGestures {
  readonly selection: ReadonlySet<number>;
  /** Whether the answer is edited. */
  readonly isDraft: boolean;
  /** Whether a finger selects; else it scrolls the page. */
  readonly selectsByTouch: boolean;
  /** @returns whether a drag begins */
  readonly onPress: (position: number | undefined, event: PointerEvent) => boolean;
  readonly onDrag: (position: number) => void;
  /** @param target the position that the key leads to, if it moves */
  readonly onKey: (event: KeyboardEvent, target: number | undefined) => void;
}

export interface CellCanvasProps {
  /** Id of the element that describes the position that is pointed at. */
  readonly describedBy: string;
  readonly recording: Frames;
  readonly frame: number;
  /** Whether the run goes on: then cells stay where they are. */
  readonly isGrowing: boolean;
  readonly colorBy: ColorBy;
  readonly showsPrompt: boolean;
  /** The position that is pointed at. */
  readonly focus: number | undefined;
  readonly onFocus: (position: number | undefined) => void;
  readonly gestures?: CellGestures;
}

const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "lineStart",
  End: "lineEnd",
};

const gestureHelp =
  "With Shift, arrow keys select. Space selects one more, Escape none. Delete masks what is selected, and typing replaces it.";

export function CellCanvas(props: CellCanvasProps) {
  const { describedBy, recording, frame, isGrowing, colorBy, showsPrompt, focus, onFocus, gestures } = props;
  const { selection, isDraft = false } = gestures ?? {};
  const isDragging = useRef(false);
  const holder = useRef<HTMLDivElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const kept = useRef<StillCanvas>(null);
  const palette = usePalette();
  const width = useWidth(holder);
  // A new recording has nothing at rest.
  const settling = useMemo(() => new Settling(), [recording]);
  const maskColumns = useMemo(() => maskColumnsOf(recording), [recording]);
  // The recording grows in place. While it does, its length alone changes the layout; what comes after the last event changes none.
  const layout = useMemo(
    () =>
      layOut(recording, {
        width,
        fontSize: fontSizeOf(width),
        showsPrompt,
        keepsMasks: isGrowing,
        maskColumns,
      }),
    [recording, recording.length, isGrowing, width, showsPrompt, maskColumns],
  );

  const options = { layout, palette, colorBy, focus, selection, isDraft };

  useEffect(() => {
    if (!still.current || width === 0) return;
    kept.current ??= new StillCanvas(still.current);
    kept.current.draw({ frame: recording.frame(frame), ...options, sinceMs: atRest }, devicePixelRatio);
  }, [recording, frame, layout, palette, colorBy, isDraft, width]);

  useEffect(() => {
    if (!over.current || width === 0) return;
    const context = sizeCanvas(over.current, layout, devicePixelRatio);
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    settling.show(frame, performance.now());
    let request = 0;
    const draw = () => {
      const nowMs = performance.now();
      context.clearRect(0, 0, layout.width, layout.height);
      const isMoving = drawOver(context, {
        frame: recording.frame(frame),
        ...options,
        sinceMs: isStill ? atRest : (index) => settling.sinceMs(index, nowMs),
      });
      if (isMoving) request = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(request);
  }, [recording, frame, layout, palette, colorBy, focus, selection, isDraft, settling, width]);

  return (
    <div class="cells" data-selects-by-touch={gestures?.selectsByTouch} ref={holder}>
      <canvas ref={still} />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: arrow keys and typing are for the canvas, which ARIA has no other role for */}
      <canvas
        class="over"
        ref={over}
        id={gestures && cellsId}
        // Arrow keys move between cells.
        tabIndex={0}
        role="application"
        aria-label={`Canvas of the answer. Arrow keys move between positions.${gestures ? ` ${gestureHelp}` : ""}`}
        aria-describedby={describedBy}
        onPointerDown={(event) => {
          const position = cellAt(layout, event.offsetX, event.offsetY);
          onFocus(position);
          if (event.button !== 0 || !gestures?.onPress(position, event)) return;
          isDragging.current = true;
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={({ offsetX, offsetY }) => {
          const position = cellAt(layout, offsetX, offsetY);
          if (isDragging.current && position !== undefined) gestures?.onDrag(position);
          onFocus(position);
        }}
        onLostPointerCapture={() => {
          isDragging.current = false;
        }}
        onPointerLeave={() => onFocus(undefined)}
        onKeyDown={(event) => {
          const direction = directions[event.key];
          const target = direction && neighbour(layout, focus, direction);
          gestures?.onKey(event, target);
          if (target === undefined) return;
          event.preventDefault();
          onFocus(target);
        }}
      />
    </div>
  );
}

const atRest = () => Number.POSITIVE_INFINITY;

function fontSizeOf(width: number): number {
  if (width < 420) return 14;
  return width < 760 ? 16 : 18;
}

/** The width of an element, in whole CSS pixels. */
function useWidth(holder: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = holder.current;
    if (!element) return;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [holder]);
  return width;
}
