/** Pointers on the surface as movements of the camera: one turns it, two pinch it, and one that stays where it came down clicks. */
import { turned, zoomed } from "./camera.ts";
import type { SurfaceScene } from "./scene.ts";

/** Radians a CSS pixel. */
const turnPerPixel = 0.007;
const zoomPerWheelPixel = 0.0016;
/** CSS pixels that a click may move. */
const clickRoom = 4;

interface At {
  readonly x: number;
  readonly y: number;
}

export interface PointerEvents {
  readonly onPoint: (at: At | undefined) => void;
  readonly onClick: (at: At) => void;
}

/** Listens to a canvas until the signal aborts. */
export function followPointers(
  canvas: HTMLCanvasElement,
  scene: SurfaceScene,
  { onPoint, onClick }: PointerEvents,
  signal: AbortSignal,
): void {
  const held = new Map<number, At>();
  let path = 0;
  const atOf = ({ offsetX, offsetY }: MouseEvent): At => ({ x: offsetX, y: offsetY });
  const listen = <Type extends keyof HTMLElementEventMap>(
    type: Type,
    listener: (event: HTMLElementEventMap[Type]) => void,
  ) => canvas.addEventListener(type, listener, { signal, passive: false });

  listen("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    if (held.size === 0) path = 0;
    held.set(event.pointerId, atOf(event));
  });
  listen("pointermove", (event) => {
    const at = atOf(event);
    const before = held.get(event.pointerId);
    if (!before) {
      onPoint(at);
      return;
    }
    const span = spread(held);
    held.set(event.pointerId, at);
    path += Math.hypot(at.x - before.x, at.y - before.y);
    if (held.size > 1) scene.camera = zoomed(scene.camera, spread(held) / Math.max(1, span));
    else if (path > clickRoom)
      scene.camera = turned(scene.camera, (before.x - at.x) * turnPerPixel, (at.y - before.y) * turnPerPixel);
  });
  listen("pointerup", (event) => {
    const isClick = held.size === 1 && path <= clickRoom;
    held.delete(event.pointerId);
    if (!isClick) return;
    onPoint(atOf(event));
    onClick(atOf(event));
  });
  listen("pointercancel", ({ pointerId }) => held.delete(pointerId));
  listen("pointerleave", () => {
    if (held.size === 0) onPoint(undefined);
  });
  listen("wheel", (event) => {
    // A page that scrolls past the surface is not held up by it: the wheel zooms once the surface has the focus.
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    scene.camera = zoomed(scene.camera, Math.exp(-event.deltaY * zoomPerWheelPixel));
  });
}

/** The distance between the first two pointers. */
function spread(held: ReadonlyMap<number, At>): number {
  const [a, b] = [...held.values()];
  return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
}
