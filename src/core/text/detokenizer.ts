import type { Piece, TextStream } from "./decoder.ts";

/** What a detokenizer needs of a Tokenizer. */
export interface TokenTexts {
  readonly specialIds: ReadonlySet<number>;
  piece(id: number): Piece | undefined;
  startDecoding(): TextStream;
}

export interface DecodeOptions {
  /** Whether special tokens are left out of the text, or kept as they are written. Default: "skip". */
  readonly special?: "skip" | "keep";
}

/**
 * Turns a growing sequence of tokens into text. It gives text only once it is final: a character whose bytes
 * are not all there is held back. All that `push` and `finish` return, joined, is what `Tokenizer.decode` makes
 * of the whole sequence, however it was cut. Each token costs the same, whatever came before.
 */
export class Detokenizer {
  readonly #tokenizer: TokenTexts;
  readonly #skip: boolean;
  #stream: TextStream | undefined;

  constructor(tokenizer: TokenTexts, options: DecodeOptions = {}) {
    this.#tokenizer = tokenizer;
    this.#skip = options.special !== "keep";
  }

  /**
   * Takes the tokens that follow those of the last call and returns the text that became final. Ids that no
   * token has, as in the padding rows of an embedding, have no text.
   * @throws DiffusionError `invalid-request` for what cannot be an id
   */
  push(ids: Iterable<number>): string {
    this.#stream ??= this.#tokenizer.startDecoding();
    let text = "";
    for (const id of ids) {
      const piece = this.#tokenizer.piece(id);
      if (piece === undefined || (this.#skip && this.#tokenizer.specialIds.has(id))) continue;
      text += this.#stream.push(piece);
    }
    return text;
  }

  /** Ends the sequence and returns the rest of its text; the next `push` begins another sequence. */
  finish(): string {
    const text = this.#stream?.finish() ?? "";
    this.#stream = undefined;
    return text;
  }
}
