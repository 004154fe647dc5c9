import { expect, test } from "vitest";
import type { JsonObject } from "../jsonObject.ts";
import { runNow } from "../pausing.ts";
import { type Fidelity, isFaithful, readFidelity } from "./fidelity.ts";

const exact = { leading: "", whiteSpace: false };

const spaceSplitters = ["BertPreTokenizer", "Whitespace", "WhitespaceSplit"];
const files: readonly (readonly [string, JsonObject, Fidelity])[] = [
  [
    "no change for byte-level BPE",
    { pre_tokenizer: { type: "ByteLevel" }, decoder: { type: "ByteLevel" } },
    exact,
  ],
  [
    "no change for an option that the decoder ignores",
    { decoder: { type: "ByteLevel", add_prefix_space: true } },
    exact,
  ],
  [
    "an added leading space",
    { pre_tokenizer: { type: "ByteLevel", add_prefix_space: true }, decoder: { type: "ByteLevel" } },
    { ...exact, leading: " " },
  ],
  [
    "a dropped leading space, within a sequence",
    { decoder: { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Strip" }] } },
    { ...exact, leading: " " },
  ],
  [
    "a leading space or its symbol",
    { normalizer: { type: "Sequence", normalizers: [{ type: "Prepend" }] }, decoder: { type: "Fuse" } },
    { ...exact, leading: " ▁" },
  ],
  ["white space without a decoder", { decoder: null }, { ...exact, whiteSpace: true }],
  ...spaceSplitters.map((type): readonly [string, JsonObject, Fidelity] => [
    `white space with ${type}`,
    { pre_tokenizer: { type: "Sequence", pretokenizers: [{ type }] }, decoder: { type: "Fuse" } },
    { ...exact, whiteSpace: true },
  ]),
];

test.each(files)("allowed change: %s", (_, file, fidelity) => {
  expect(readFidelity(file)).toEqual(fidelity);
});

test.each([
  ["a", "a", exact, true],
  [" a", "a", exact, false],
  [" a", "a", { ...exact, leading: " " }, true],
  ["a", " a", { ...exact, leading: " " }, true],
  ["  a", "a", { ...exact, leading: " " }, false],
  ["▁a", "a", { ...exact, leading: " " }, false],
  ["▁a", "a", { ...exact, leading: " ▁" }, true],
  ["a b", "ab", { ...exact, leading: " " }, false],
  [" a\n b", "ab ", { ...exact, whiteSpace: true }, true],
  ["ab", "a", { ...exact, whiteSpace: true }, false],
])("%j as %j with %j: %j", (text, decoded, fidelity, expected) => {
  expect(runNow(isFaithful(text, decoded, fidelity))).toBe(expected);
});
