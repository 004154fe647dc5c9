/// <reference path="./gifenc.d.ts" />
/** The colours of an animated picture: one table of at most 255 for all frames, so that nothing flickers. */
import { type Color, nearestColorIndex, quantize } from "gifenc";

/** Grounds and full text keep their exact colour; the rest is for blended edges and flashes. */
const exactCount = 96;
/** The last index of 256 stands for "as before". */
const maxColors = 255;
/** How much a frequent colour counts against a rare one. */
const maxWeight = 16;

/** Pixels as 32 bits each, in the byte order of the machine. */
export type Pixels = Uint32Array<ArrayBuffer>;

export class ColorTable {
  readonly colors: readonly Color[];
  readonly #indices = new Map<number, number>();

  /** @param samples pixels of several frames */
  constructor(samples: readonly Pixels[]) {
    const counts = new Map<number, number>();
    for (const pixels of samples) {
      for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    }
    const byCount = [...counts].sort(([, a], [, b]) => b - a);
    const exact = byCount.slice(0, byCount.length > maxColors ? exactCount : maxColors);
    const others = byCount.slice(exact.length);
    this.colors = [...exact.map(([pixel]) => colorOf(pixel)), ...blended(others, maxColors - exact.length)];
    for (const [index, [pixel]] of exact.entries()) this.#indices.set(pixel, index);
  }

  indexOf(pixel: number): number {
    const known = this.#indices.get(pixel);
    if (known !== undefined) return known;
    const index = nearestColorIndex(this.colors, colorOf(pixel));
    this.#indices.set(pixel, index);
    return index;
  }
}

function blended(
  counts: readonly (readonly [pixel: number, count: number])[],
  size: number,
): readonly Color[] {
  if (counts.length === 0) return [];
  const pixels = counts.flatMap(([pixel, count]) =>
    new Array<number>(Math.min(count, maxWeight)).fill(pixel),
  );
  return quantize(new Uint8Array(new Uint32Array(pixels).buffer), size);
}

const bytes = new Uint8Array(4);
const word = new Uint32Array(bytes.buffer);

function colorOf(pixel: number): Color {
  word[0] = pixel;
  return [bytes[0]!, bytes[1]!, bytes[2]!];
}
