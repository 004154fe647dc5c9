/** A canvas element that keeps its picture from one frame to the next, and draws what has changed. */
import { type CanvasOptions, drawStill } from "./drawCanvas.ts";
import { sizeCanvas } from "./sizeCanvas.ts";

export class StillCanvas {
  readonly #canvas: HTMLCanvasElement;
  #before: CanvasOptions | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  draw(options: CanvasOptions, devicePixelRatio: number): void {
    const canvas = this.#canvas;
    const { width, height } = canvas;
    const context = sizeCanvas(canvas, options.layout, devicePixelRatio);
    // Another size has cleared it.
    const isKept = canvas.width === width && canvas.height === height;
    drawStill(context, options, isKept ? this.#before : undefined);
    this.#before = options;
  }
}
