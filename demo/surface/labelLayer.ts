/** Labels as elements over the picture: text stays sharp, and follows the page's font. */
import { type Matrix, type Point, transformed } from "./geometry.ts";

export interface PlacedLabel {
  readonly text: string;
  readonly at: Point;
  /** A class of the element. */
  readonly kind: string;
}

/** CSS pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** CSS pixels from the picture's corner. @param at from -1 to 1, upwards */
export function placeIn(
  { width, height }: PictureSize,
  [x, y]: Point,
): { readonly x: number; readonly y: number } {
  return { x: ((x + 1) / 2) * width, y: ((1 - y) / 2) * height };
}

export class LabelLayer {
  readonly #holder: HTMLElement;

  constructor(holder: HTMLElement) {
    this.#holder = holder;
  }

  /** @param size of the picture, in CSS pixels */
  show(labels: readonly PlacedLabel[], matrix: Matrix, size: PictureSize): void {
    const holder = this.#holder;
    while (holder.childElementCount > labels.length) holder.lastElementChild!.remove();
    for (const [index, { text, at, kind }] of labels.entries()) {
      const element = (holder.children[index] ??
        holder.appendChild(document.createElement("span"))) as HTMLElement;
      const { x, y } = insideOf(size, text, placeIn(size, transformed(matrix, at)));
      if (element.textContent !== text) element.textContent = text;
      element.className = kind;
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -50%)`;
    }
  }
}

/** CSS pixels of a character, or a little more. */
const characterWidth = 7;

/** Where a label's middle may be so that the label is inside of the picture, by the length of its text: to measure it costs time. */
function insideOf(
  { width }: PictureSize,
  text: string,
  { x, y }: { readonly x: number; readonly y: number },
) {
  const half = (characterWidth * text.length) / 2;
  return { x: Math.min(Math.max(x, half), width - half), y };
}
