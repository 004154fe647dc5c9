import type { Tokens } from "./mergeInWindows.ts";

/** The `model` of a tokenizer.json, which encodes one word at a time. */
export interface WordModel {
  /** The vocabulary. */
  readonly idOf: ReadonlyMap<string, number>;
  /** Excludes a token from encoding: `tokens` never returns it for a whole word. */
  withhold(token: string): void;
  /** The tokens of a word. Characters that the vocabulary lacks may be missing. */
  tokens(word: string): Tokens;
}
