/** The surface on a canvas: draws when something has changed, turns its camera, and finds what a pointer is on. */
import type { ColorBy, Palette } from "../canvas/index.ts";
import { type Camera, initialCamera, turned, viewProjection } from "./camera.ts";
import { colorsOf } from "./colors.ts";
import { gridMatrix, type Point } from "./geometry.ts";
import { LabelLayer, type PictureSize } from "./labelLayer.ts";
import { labelsOf } from "./labels.ts";
import { type Picked, pick, rayAt } from "./pick.ts";
import { SurfaceRenderer } from "./renderer.ts";
import type { Surface } from "./surfaceOf.ts";

export interface SceneOptions {
  readonly surface: Surface;
  readonly frame: number;
  readonly palette: Palette;
  readonly isDark: boolean;
  readonly colorBy: ColorBy;
  readonly pointed: { readonly column: number; readonly row: number; readonly text: string } | undefined;
  /** Whether the camera sways by itself until a person moves it. */
  readonly sways: boolean;
}

/** Of the sway: radians to each side, and milliseconds there and back. */
const swayAngle = 0.3;
const swayMs = 26_000;

export class SurfaceScene {
  readonly #canvas: HTMLCanvasElement;
  readonly #renderer: SurfaceRenderer;
  readonly #labels: LabelLayer;
  readonly #observer: ResizeObserver;
  #options: SceneOptions | undefined;
  #camera: Camera = initialCamera;
  #isMoved = false;
  #swayedMs = 0;
  #lastMs: number | undefined;
  #request = 0;

  constructor(device: GPUDevice, canvas: HTMLCanvasElement, labels: HTMLElement) {
    this.#canvas = canvas;
    this.#renderer = new SurfaceRenderer(device, canvas);
    this.#labels = new LabelLayer(labels);
    // The size in device pixels changes with the page's zoom too.
    this.#observer = new ResizeObserver(() => this.#requestDraw());
    this.#observer.observe(canvas);
  }

  show(options: SceneOptions): void {
    const before = this.#options;
    this.#options = options;
    const isLoaded =
      before?.surface === options.surface &&
      before.palette === options.palette &&
      before.colorBy === options.colorBy;
    if (!isLoaded)
      this.#renderer.load(options.surface, colorsOf(options.surface, options.palette, options.colorBy));
    this.#requestDraw();
  }

  get camera(): Camera {
    return this.#swayed();
  }

  /** Moves the camera by hand. */
  set camera(camera: Camera) {
    this.#camera = camera;
    this.#isMoved = true;
    this.#requestDraw();
  }

  /** @param x @param y CSS pixels from the canvas's corner */
  pickAt(x: number, y: number): Picked | undefined {
    const { clientWidth, clientHeight } = this.#canvas;
    if (!this.#options || clientWidth === 0) return undefined;
    const matrix = this.#matrix(this.#options.surface);
    return pick(this.#options.surface, rayAt(matrix, (2 * x) / clientWidth - 1, 1 - (2 * y) / clientHeight));
  }

  dispose(): void {
    cancelAnimationFrame(this.#request);
    this.#observer.disconnect();
    this.#renderer.dispose();
  }

  get #size(): PictureSize {
    return { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
  }

  get #aspect(): number {
    return this.#size.width / Math.max(1, this.#size.height);
  }

  #matrix(surface: Surface) {
    return gridMatrix(surface, viewProjection(this.camera, this.#aspect));
  }

  #swayed(): Camera {
    if (this.#isMoved) return this.#camera;
    return turned(this.#camera, swayAngle * Math.sin((2 * Math.PI * this.#swayedMs) / swayMs), 0);
  }

  #requestDraw(): void {
    this.#request ||= requestAnimationFrame((nowMs) => this.#draw(nowMs));
  }

  #draw(nowMs: number): void {
    this.#request = 0;
    const canvas = this.#canvas;
    const options = this.#options;
    const { width, height } = this.#size;
    if (!options || width === 0) return;
    const sways = options.sways && !this.#isMoved;
    if (sways) this.#swayedMs += nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = sways ? nowMs : undefined;
    const pixels = [width, height].map((length) => Math.max(1, Math.round(length * devicePixelRatio)));
    if (canvas.width !== pixels[0]) canvas.width = pixels[0]!;
    if (canvas.height !== pixels[1]) canvas.height = pixels[1]!;
    const { surface, pointed } = options;
    const camera = this.camera;
    this.#renderer.draw(surface, { camera, aspect: this.#aspect, ...options });
    const labels = labelsOf(surface, camera, width);
    const bubble = pointed && { text: pointed.text, at: topOf(surface, pointed), kind: "bubble" };
    this.#labels.show(bubble ? [...labels, bubble] : labels, this.#matrix(surface), this.#size);
    if (sways) this.#requestDraw();
  }
}

function topOf({ heights, columns }: Surface, { column, row }: { column: number; row: number }): Point {
  return [column + 0.5, (heights[row * columns + column] ?? 0) + 0.16, row];
}
