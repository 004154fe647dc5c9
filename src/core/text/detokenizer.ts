import type { Piece, TextStream } from "./decoder.ts";

/** The part of a Tokenizer that a detokenizer needs. */
export interface TokenTexts {
  readonly specialIds: ReadonlySet<number>;
  piece(id: number): Piece | undefined;
  startDecoding(): TextStream;
}

export interface DecodeOptions {
  /** Whether special tokens are omitted from the text, or kept as text. Default: "skip". */
  readonly special?: "skip" | "keep";
}

/**
 * Decodes a growing sequence of tokens. Text is returned once it is final: an incomplete character is held back. The texts
 * of all calls, joined, equal `Tokenizer.decode` of the whole sequence, however it is divided into calls. Each token takes
 * the same time, however long the sequence.
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
   * Takes the next tokens and returns the text that became final. Ids without a token, as in the padding rows of an
   * embedding, have no text.
   * @throws DiffusionError `invalid-request` for an invalid id
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

  /** Ends the sequence and returns its remaining text. The next `push` begins another sequence. */
  finish(): string {
    const text = this.#stream?.finish() ?? "";
    this.#stream = undefined;
    return text;
  }
}
