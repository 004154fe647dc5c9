/** Draws a frame of a run on a canvas. */
import type { Frame } from "../run/index.ts";
import type { Layout } from "./layout.ts";
import type { Palette } from "./palette.ts";

export interface CanvasOptions {
  readonly frame: Frame;
  readonly layout: Layout;
  readonly palette: Palette;
  /** What the colour of a commit tells. */
  readonly colorBy: "confidence" | "age";
  /** How long ago a frame was shown first: `Settling.sinceMs`. Infinity shows everything at rest. */
  readonly sinceMs: (frame: number) => number;
  /** The cell that is pointed at, and the selected ones. */
  readonly focus?: number | undefined;
  readonly selection?: ReadonlySet<number>;
  /** Passes for which a commit counts as recent, where colours tell the age. */
  readonly recentPasses?: number;
}

/**
 * Draws in CSS pixels: the context's transform scales them, as `sizeCanvas` sets it.
 * @returns whether the picture is still moving, and wants to be drawn again
 */
export declare function drawCanvas(context: CanvasRenderingContext2D, options: CanvasOptions): boolean;
