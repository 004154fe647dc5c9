/** The run as a surface, with what the pointer is on in words. Loaded when it is shown for the first time. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type ColorBy, darkPalette, type Palette } from "../canvas/index.ts";
import type { Recording } from "../run/index.ts";
import { movedByKey } from "./camera.ts";
import { type Place, placeMovedByKey } from "./place.ts";
import { placeText } from "./placeText.ts";
import { followPointers } from "./pointers.ts";
import { surfaceOf } from "./surfaceOf.ts";
import { useScene } from "./useScene.ts";
import "./surface.css";

export interface SurfaceViewProps {
  readonly recording: Recording;
  readonly frame: number;
  readonly palette: Palette;
  readonly colorBy: ColorBy;
  readonly isPlaying: boolean;
  readonly onSeek: (frame: number) => void;
}

export function SurfaceView({ recording, frame, palette, colorBy, isPlaying, onSeek }: SurfaceViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const labels = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<Place>();
  const { scene, problem } = useScene(canvas, labels);
  const seek = useRef(onSeek);
  seek.current = onSeek;
  // The recording grows in place, which its counts tell; its end can fill in tokens.
  const surface = useMemo(
    () => surfaceOf(recording),
    [recording, recording.events.length, recording.frameCount],
  );
  const position = pointed && pointed.column < surface.columns ? surface.start + pointed.column : undefined;
  const row = Math.min(pointed?.row ?? 0, surface.rows - 1);

  useEffect(() => {
    scene?.show({
      surface,
      frame,
      palette,
      isDark: palette === darkPalette,
      colorBy,
      pointed:
        position === undefined
          ? undefined
          : { column: position - surface.start, row, text: bubbleText(recording, position, row) },
      sways: isPlaying && !matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
  }, [scene, recording, surface, frame, palette, colorBy, position, row, isPlaying]);

  useEffect(() => {
    if (!scene || !canvas.current) return;
    const controller = new AbortController();
    const point = (at: { x: number; y: number } | undefined) => {
      const picked = at && scene.pickAt(at.x, at.y);
      setPointed(picked && { column: picked.column, row: picked.row });
      return picked;
    };
    const events = {
      onPoint: point,
      onClick: (at: { x: number; y: number }) => {
        const picked = point(at);
        if (picked) seek.current(picked.row);
      },
    };
    followPointers(canvas.current, scene, events, controller.signal);
    return () => controller.abort();
  }, [scene]);

  if (problem) {
    return (
      <p class="empty" role="status">
        The surface cannot be drawn, as {problem}. The views “Cells” and “Text” show the same run.
      </p>
    );
  }
  return (
    <div class="surface">
      <div class="surface-room">
        <canvas
          ref={canvas}
          // Keys turn the camera and point at places.
          tabIndex={0}
          role="img"
          aria-label="The run as a surface: position, pass and confidence. Arrow keys turn it, plus and minus zoom. Shift with arrow keys points at a place, Enter goes to its pass."
          aria-describedby="surface-place"
          onKeyDown={(event) => {
            if (event.altKey || event.ctrlKey || event.metaKey) return;
            if (event.key === "Enter" && pointed) onSeek(row);
            const place = event.shiftKey ? placeMovedByKey(pointed, event.key, surface) : undefined;
            const camera = place ? undefined : scene && movedByKey(scene.camera, event.key);
            if (place) setPointed(place);
            if (scene && camera) scene.camera = camera;
            if (place || camera) event.preventDefault();
          }}
        />
        <div class="surface-labels" ref={labels} aria-hidden="true" />
      </div>
      <p class="history" id="surface-place" aria-live="polite">
        {position === undefined
          ? "Point at the surface to see what stands there; click to go to that pass. Drag turns it. After a click, the wheel zooms."
          : placeText(recording, position, row)}
      </p>
    </div>
  );
}

function bubbleText(recording: Recording, position: number, row: number): string {
  const write = recording.writeAt(position, row);
  const guess = recording.guessesAt(position).findLast(({ frame }) => frame <= row);
  const token = (write ?? guess)?.token;
  return token === undefined ? "masked" : `“${recording.textOf(token)}”`;
}
