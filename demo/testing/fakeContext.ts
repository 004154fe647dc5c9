/** A 2D context that keeps what was drawn on it: fills, strokes and texts, each with its style. */

export interface Drawn {
  readonly kind: "fill" | "stroke" | "text" | "image";
  readonly color: string;
  readonly alpha: number;
  /** Of a text. */
  readonly text?: string;
  /** Of all that the path has, or where the text begins: CSS pixels. */
  readonly boxes: readonly Box[];
}

/** [left, top, width, height] */
export type Box = readonly [number, number, number, number];

/** Keeps rectangles as they are, and of lines their ends. */
export class FakePath {
  readonly boxes: Box[] = [];
  roundRect(x: number, y: number, width: number, height: number): void {
    this.boxes.push([x, y, width, height]);
  }
  rect(x: number, y: number, width: number, height: number): void {
    this.boxes.push([x, y, width, height]);
  }
  moveTo(x: number, y: number): void {
    this.boxes.push([x, y, 0, 0]);
  }
  lineTo(x: number, y: number): void {
    this.boxes.push([x, y, 0, 0]);
  }
  arcTo(x: number, y: number): void {
    this.boxes.push([x, y, 0, 0]);
  }
  closePath(): void {}
}

export class FakeContext {
  readonly drawn: Drawn[] = [];
  fillStyle = "#000000";
  strokeStyle = "#000000";
  globalAlpha = 1;
  lineWidth = 1;
  font = "";
  textBaseline = "";
  textAlign = "";
  #path = new FakePath();

  beginPath(): void {
    this.#path = new FakePath();
  }
  roundRect(...box: [number, number, number, number]): void {
    this.#path.roundRect(...box);
  }
  rect(...box: [number, number, number, number]): void {
    this.#path.rect(...box);
  }
  moveTo(x: number, y: number): void {
    this.#path.moveTo(x, y);
  }
  lineTo(x: number, y: number): void {
    this.#path.lineTo(x, y);
  }
  arcTo(x: number, y: number): void {
    this.#path.arcTo(x, y);
  }
  closePath(): void {}
  setLineDash(): void {}
  clearRect(): void {
    this.drawn.length = 0;
  }
  fillRect(...box: [number, number, number, number]): void {
    this.#keep("fill", this.fillStyle, [box]);
  }
  fill(path: FakePath = this.#path): void {
    this.#keep("fill", this.fillStyle, path.boxes);
  }
  stroke(path: FakePath = this.#path): void {
    this.#keep("stroke", this.strokeStyle, path.boxes);
  }
  fillText(text: string, x: number, y: number, room?: number): void {
    const boxes: readonly Box[] = [[x, y, room ?? 0, 0]];
    this.drawn.push({ kind: "text", color: this.fillStyle, alpha: this.globalAlpha, text, boxes });
  }

  #keep(kind: "fill" | "stroke", color: string, boxes: readonly Box[]): void {
    if (boxes.length > 0) this.drawn.push({ kind, color, alpha: this.globalAlpha, boxes: [...boxes] });
  }
}
