import type { AddedToken } from "./addedTokens.ts";
import { endOfWhiteSpace, isWordAt, isWordBefore, startOfWhiteSpace } from "./characters.ts";
import { matches } from "./matches.ts";

/** A segment of a text: an added token, or the text between two added tokens. */
export interface Segment {
  /** The segment's offset in the text. */
  readonly start: number;
  readonly text: string;
  readonly token?: AddedToken;
}

/** The segments of a text in order; undefined where the caller may pause. */
export type Segments = Generator<Segment | undefined, void, undefined>;

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/**
 * Finds added tokens in text, the leftmost match first; among matches with the same start, the longest wins.
 * Source: Hugging Face tokenizers, `AddedVocabulary::find_matches`.
 */
export class AddedTokenSplitter {
  readonly #pattern: RegExp | undefined;
  readonly #tokens: Map<string, AddedToken>;

  /** @param textOf the spelling of a token in the texts to split */
  constructor(tokens: readonly AddedToken[], textOf: (token: AddedToken) => string = (token) => token.text) {
    this.#tokens = new Map(tokens.map((token) => [textOf(token), token]));
    this.#tokens.delete("");
    const alternatives = [...this.#tokens.keys()].sort((a, b) => b.length - a.length).map(escaped);
    if (alternatives.length > 0) this.#pattern = new RegExp(alternatives.join("|"), "gu");
  }

  /** Whether a token includes neighbouring white space. */
  get stripsWhiteSpace(): boolean {
    return [...this.#tokens.values()].some((token) => token.stripsLeft || token.stripsRight);
  }

  /** UTF-16 units of the longest token. */
  get maxLength(): number {
    return [...this.#tokens.keys()].reduce((max, { length }) => Math.max(max, length), 0);
  }

  /** Splits a text into non-empty segments, whose starts are counted from `offset`. */
  *split(text: string, offset = 0): Segments {
    let end = 0;
    for (const match of this.#pattern === undefined ? [] : matches(text, this.#pattern)) {
      if (match === undefined) {
        yield undefined;
        continue;
      }
      if (match.start < end) continue; // the token before it includes this white space
      const found = text.slice(match.start, match.end);
      const token = this.#tokens.get(found)!;
      if (token.singleWord && (isWordBefore(text, match.start) || isWordAt(text, match.end))) continue;
      const stop = token.stripsLeft ? startOfWhiteSpace(text, end, match.start) : match.start;
      if (stop > end) yield { start: offset + end, text: text.slice(end, stop) };
      yield { start: offset + match.start, text: found, token };
      end = token.stripsRight ? endOfWhiteSpace(text, match.end) : match.end;
    }
    if (end < text.length) yield { start: offset + end, text: text.slice(end) };
  }
}
