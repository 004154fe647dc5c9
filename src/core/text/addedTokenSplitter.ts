import type { AddedToken } from "./addedTokens.ts";
import { endOfWhiteSpace, isWordAt, isWordBefore, startOfWhiteSpace } from "./characters.ts";
import { matches } from "./matches.ts";

/** A stretch of a text: an added token, or what stands between two; `start` is its offset. */
export interface Stretch {
  readonly start: number;
  readonly text: string;
  readonly token?: AddedToken;
}

/** Stretches of a text in their order, or undefined where their reader may pause. */
export type Stretches = Generator<Stretch | undefined, void, undefined>;

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/**
 * Finds added tokens in text: the leftmost first, of those that start together the longest. Source: Hugging Face
 * tokenizers, `AddedVocabulary::find_matches`.
 */
export class AddedTokenSplitter {
  readonly #pattern: RegExp | undefined;
  readonly #tokens: Map<string, AddedToken>;

  /** @param textOf how a token is spelled in the texts to split */
  constructor(tokens: readonly AddedToken[], textOf: (token: AddedToken) => string = (token) => token.text) {
    this.#tokens = new Map(tokens.map((token) => [textOf(token), token]));
    this.#tokens.delete("");
    const alternatives = [...this.#tokens.keys()].sort((a, b) => b.length - a.length).map(escaped);
    if (alternatives.length > 0) this.#pattern = new RegExp(alternatives.join("|"), "gu");
  }

  /** Whether a token takes white space with it. */
  get strips(): boolean {
    return [...this.#tokens.values()].some((token) => token.stripsLeft || token.stripsRight);
  }

  /** UTF-16 units of the longest token. */
  get longest(): number {
    return [...this.#tokens.keys()].reduce((most, { length }) => Math.max(most, length), 0);
  }

  /** Splits a text that starts at `offset` into stretches, none of them empty. */
  *split(text: string, offset = 0): Stretches {
    let end = 0;
    for (const match of this.#pattern === undefined ? [] : matches(text, this.#pattern)) {
      if (match === undefined) {
        yield undefined;
        continue;
      }
      if (match.start < end) continue; // white space that the token before it took
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
