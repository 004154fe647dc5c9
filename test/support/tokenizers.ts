import { readFileSync } from "node:fs";
import type { JsonObject } from "../../src/core/jsonObject.ts";
import { Tokenizer } from "../../src/core/text/tokenizer.ts";

/** Expected results of a tokenizer, from Hugging Face's implementation: see test/fixtures/tokenizers/generate.py. */
export interface TokenizerFixture {
  readonly tokenizer: JsonObject;
  readonly encoded: readonly (readonly [text: string, ids: readonly number[]])[];
  readonly decoded: readonly (readonly [ids: readonly number[], skip: boolean, text: string])[];
  readonly split?: readonly (readonly [text: string, words: readonly string[]])[];
}

const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

export const byteLevelNames = ["qwen", "bailing"] as const;
export const fallbackNames = ["gemma", "llama", "metaspace"] as const;
export type FixtureName = (typeof byteLevelNames)[number] | (typeof fallbackNames)[number] | "word-piece";

export function readFixture(name: FixtureName): TokenizerFixture {
  return readJson(`../fixtures/tokenizers/${name}.json`);
}

export function fixtureTokenizer(name: FixtureName): Tokenizer {
  return Tokenizer.fromFiles({ tokenizer: readFixture(name).tokenizer });
}

/** The tokenizer of models/tiny: a token for each printable ASCII character, and no unknown token. */
export const tinyFiles = {
  tokenizer: readJson("../../models/tiny/tokenizer.json") as JsonObject,
  config: readJson("../../models/tiny/tokenizer_config.json") as JsonObject,
};

export function tinyTokenizer(): Tokenizer {
  return Tokenizer.fromFiles(tinyFiles);
}

/** A tokenizer with one token per character, followed by the special tokens. */
export function characterTokenizer(characters: string, special: readonly string[]): Tokenizer {
  const vocab = Object.fromEntries([...characters].map((character, id) => [character, id]));
  const base = Object.keys(vocab).length;
  return Tokenizer.fromFiles({
    tokenizer: {
      decoder: { type: "Fuse" },
      added_tokens: special.map((content, i) => ({
        id: base + i,
        content,
        special: true,
        normalized: false,
      })),
      model: { type: "BPE", vocab, merges: [] },
    },
  });
}
