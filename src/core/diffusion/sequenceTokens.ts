/** The tokens of a sequence while it is decoded, and how many positions are left to decide. */
import type { Canvas } from "./canvas.ts";
import type { DecidedStep } from "./outcome.ts";
import { type DecodedTokens, undecidedPositions } from "./undecided.ts";

export class SequenceTokens implements DecodedTokens {
  /** Those of the canvas, until tokens are committed in their places. */
  tokens: Uint32Array;
  /** By position: 1 until a token is committed there. */
  undecided: Uint8Array;
  #undecidedCount: number;
  #undecidedAtStart: number;

  constructor(canvas: Canvas) {
    ({ tokens: this.tokens, undecided: this.undecided } = copyOf(canvas));
    this.#undecidedCount = countUndecided(canvas);
    this.#undecidedAtStart = this.#undecidedCount;
  }

  /** Undecided positions of all blocks. */
  get undecidedCount(): number {
    return this.#undecidedCount;
  }

  /** Positions that were undecided and are decided now. */
  get committed(): number {
    return this.#undecidedAtStart - this.#undecidedCount;
  }

  /** Counts the decisions of a step. The block writes them. */
  count({ commits, revoked = [] }: DecidedStep): void {
    this.#undecidedCount += revoked.length - commits.positions.length;
  }

  /** Decides all undecided positions. */
  fill(token: number): void {
    for (const position of undecidedPositions(this.undecided, 0, this.tokens.length)) {
      this.tokens[position] = token;
      this.undecided[position] = 0;
    }
    this.#undecidedCount = 0;
  }

  /** Goes on with the tokens of a longer canvas. */
  extend(canvas: Canvas): void {
    ({ tokens: this.tokens, undecided: this.undecided } = copyOf(canvas));
    const added = countUndecided(canvas) - this.#undecidedCount;
    this.#undecidedCount += added;
    this.#undecidedAtStart += added;
  }
}

function copyOf(canvas: Canvas): DecodedTokens {
  return { tokens: Uint32Array.from(canvas.tokens), undecided: canvas.undecided.slice() };
}

function countUndecided({ blocks, undecided }: Canvas): number {
  return undecidedPositions(undecided, 0, blocks.at(-1)!.end).length;
}
