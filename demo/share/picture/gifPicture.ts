/// <reference path="./gifenc.d.ts" />
/** A GIF that grows frame by frame. A frame holds what has changed, and one without a change prolongs the frame before. */
import { GIFEncoder } from "gifenc";
import type { ColorTable, Pixels } from "./colorTable.ts";

export interface PictureSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export class GifPicture {
  readonly #encoder = GIFEncoder();
  readonly #table: ColorTable;
  readonly #size: PictureSize;
  #shown: Pixels | undefined;
  /** The newest frame, which is written when its duration is known. */
  #next: { readonly indices: Uint8Array; durationMs: number } | undefined;
  #isFirst = true;

  constructor(size: PictureSize, table: ColorTable) {
    this.#size = size;
    this.#table = table;
  }

  /** @param pixels the whole picture; it is kept and must not change */
  add(pixels: Pixels, durationMs: number): void {
    const indices = this.#changes(pixels);
    if (!indices && this.#next) {
      this.#next.durationMs += durationMs;
      return;
    }
    this.#write();
    this.#next = { indices: indices!, durationMs };
    this.#shown = pixels;
  }

  /** Prolongs the newest frame. */
  hold(durationMs: number): void {
    this.#next!.durationMs += durationMs;
  }

  /** The whole file. Nothing can be added after it. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#write();
    this.#next = undefined;
    this.#encoder.finish();
    return this.#encoder.bytes();
  }

  /** Indices with "as before" where nothing changed; undefined if nothing changed at all. */
  #changes(pixels: Pixels): Uint8Array | undefined {
    const before = this.#shown;
    const same = this.#table.colors.length;
    const indices = new Uint8Array(pixels.length);
    let hasChanged = !before;
    for (let at = 0; at < pixels.length; at++) {
      const pixel = pixels[at]!;
      if (before && pixel === before[at]) indices[at] = same;
      else {
        indices[at] = this.#table.indexOf(pixel);
        hasChanged = true;
      }
    }
    return hasChanged ? indices : undefined;
  }

  #write(): void {
    if (!this.#next) return;
    const { indices, durationMs } = this.#next;
    const { colors } = this.#table;
    this.#encoder.writeFrame(indices, this.#size.width, this.#size.height, {
      // The entry behind the colours is never seen.
      ...(this.#isFirst && { palette: [...colors, [0, 0, 0]], repeat: 0 }),
      delay: durationMs,
      transparent: !this.#isFirst,
      transparentIndex: colors.length,
      dispose: 1,
    });
    this.#isFirst = false;
  }
}
