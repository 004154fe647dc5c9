/** The size of a canvas element in device pixels. */
import type { Layout } from "./layout.ts";

/** Gives a canvas the size of a layout, and lets its context draw in CSS pixels. Call it when either of them changes. */
export function sizeCanvas(
  canvas: HTMLCanvasElement,
  { width, height }: Pick<Layout, "width" | "height">,
  devicePixelRatio: number,
): CanvasRenderingContext2D {
  const pixels = {
    width: Math.round(width * devicePixelRatio),
    height: Math.round(height * devicePixelRatio),
  };
  // To set a size clears the canvas, also where it stays the same.
  if (canvas.width !== pixels.width) canvas.width = pixels.width;
  if (canvas.height !== pixels.height) canvas.height = pixels.height;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d", { alpha: true });
  if (!context) throw new Error("Cannot draw as the browser gives no 2D context");
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  return context;
}
