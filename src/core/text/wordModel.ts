import type { Tokens } from "./mergeInWindows.ts";

/** What makes tokens of one word at a time: the `model` of a tokenizer.json. */
export interface WordModel {
  /** The vocabulary. */
  readonly idOf: ReadonlyMap<string, number>;
  /** Takes a token out of the vocabulary as far as text goes: no word is that token. */
  withhold(token: string): void;
  /** The tokens of a word. Characters that the vocabulary lacks may be missing. */
  tokens(word: string): Tokens;
}
