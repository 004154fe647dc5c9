/** The part of gifenc that the page uses: the package has no types. */
declare module "gifenc" {
  /** Red, green and blue, 0 to 255. */
  export type Color = readonly number[];

  export interface FrameOptions {
    /** Required in the first frame, whose palette holds for all frames without one. */
    readonly palette?: readonly Color[];
    /** In ms, in steps of 10. */
    readonly delay?: number;
    /** 0 repeats for ever. */
    readonly repeat?: number;
    readonly transparent?: boolean;
    readonly transparentIndex?: number;
    /** What becomes of the frame before the next one: 1 keeps it. */
    readonly dispose?: number;
  }

  export interface Encoder {
    writeFrame(indices: Uint8Array, width: number, height: number, options: FrameOptions): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }

  export function GIFEncoder(): Encoder;
  export function quantize(rgba: Uint8Array, maxColors: number): Color[];
  export function nearestColorIndex(palette: readonly Color[], color: Color): number;
}
