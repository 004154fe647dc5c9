import { expect, test } from "vitest";
import { readFixture } from "../../../test/support/tokenizers.ts";
import type { JsonObject } from "../jsonObject.ts";
import { fromBytePairFiles, hasBytePairFiles } from "./bytePairFiles.ts";
import { Tokenizer } from "./tokenizer.ts";

const { tokenizer, encoded } = readFixture("qwen");
const { vocab, merges } = tokenizer["model"] as { vocab: JsonObject; merges: [string, string][] };
const added = tokenizer["added_tokens"] as readonly { id: number }[];
const config = {
  tokenizer_class: "DreamTokenizer",
  added_tokens_decoder: Object.fromEntries(added.map(({ id, ...token }) => [id, token])),
};
const mergesText = `#version: 0.2\n${merges.map((pair) => pair.join(" ")).join("\n")}\n`;

test("the two files of a slow Qwen2 tokenizer give the ids of the fast one", () => {
  const built = Tokenizer.fromFiles({ tokenizer: fromBytePairFiles(vocab, mergesText, config), config });
  for (const [text, ids] of encoded) expect(built.encode(text, { special: "parse" })).toEqual(ids);
  expect(encoded.length).toBeGreaterThan(20);
});

test("the two files are used for tokenizers with Qwen2's pre-tokenizer and without a tokenizer.json", () => {
  const names = new Set(["vocab.json", "merges.txt"]);
  expect(hasBytePairFiles(names, config)).toBe(true);
  expect(hasBytePairFiles(names, { tokenizer_class: "GPT2Tokenizer" })).toBe(false);
  expect(hasBytePairFiles(new Set([...names, "tokenizer.json"]), config)).toBe(false);
  expect(hasBytePairFiles(new Set(["vocab.json"]), config)).toBe(false);
});

test("an invalid line or added token is an error that names it", () => {
  expect(() => fromBytePairFiles(vocab, "#version: 0.2\na b\na b c\n", config)).toThrow(
    'line 3 must be a pair: found "a b c"',
  );
  expect(() => fromBytePairFiles(vocab, "", { added_tokens_decoder: { x: {} } })).toThrow(
    'an added token must have an id and be an object: found "x"',
  );
});
