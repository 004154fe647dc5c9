import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/jsonObject.ts";
import { runNow } from "../../src/core/pausing.ts";
import { readPattern, readPrecompiled } from "../../src/core/text/library.ts";
import { readNormalizer } from "../../src/core/text/normalizer.ts";
import { readPreTokenizer } from "../../src/core/text/preTokenizer.ts";
import { Tokenizer } from "../../src/core/text/tokenizer.ts";

/** Results of Hugging Face's Rust implementation, made by test/fixtures/tokenizers/generateParts.mjs. */
interface Parts {
  readonly normalizers: readonly [JsonObject, readonly [text: string, normalized: string][]][];
  readonly preTokenizers: readonly [JsonObject, readonly [text: string, words: readonly string[]][]][];
  readonly added: {
    readonly tokenizer: JsonObject;
    readonly encoded: readonly [text: string, ids: readonly number[]][];
  };
}

const path = new URL("../fixtures/tokenizers/parts.json", import.meta.url);
const parts = JSON.parse(readFileSync(path, "utf8")) as Parts;
const name = "tokenizer.json";
const context = {
  name,
  pattern: (node: JsonObject) => readPattern(node, name),
  precompiled: (node: JsonObject) => readPrecompiled(node, name),
  normalize: (text: string) => text,
};

test.each(parts.normalizers)("normalizer %j", (node, cases) => {
  const normalize = readNormalizer(node, context);
  for (const [text, normalized] of cases) expect(runNow(normalize(text))).toBe(normalized);
});

test.each(parts.preTokenizers)("pre-tokenizer %j", (node, cases) => {
  const preTokenize = readPreTokenizer(node, context);
  for (const [text, words] of cases)
    expect([...preTokenize(text, 0)].filter((word) => word !== undefined)).toEqual(words);
});

test("added tokens that include white space, or must be whole words", () => {
  const tokenizer = Tokenizer.fromFiles({
    tokenizer: { ...parts.added.tokenizer, decoder: { type: "Fuse" } },
  });
  for (const [text, ids] of parts.added.encoded)
    expect(tokenizer.encode(text, { special: "parse" }), JSON.stringify(text)).toEqual(ids);
  expect(parts.added.encoded.length).toBeGreaterThan(200);
});
