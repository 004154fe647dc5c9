import { expect, test } from "vitest";
import type { JsonObject } from "../jsonObject.ts";
import { finish } from "../pausing.ts";
import { type Fidelity, readFidelity, survives } from "./fidelity.ts";

const exact = { leading: "", whiteSpace: false };

const spaceSplitters = ["BertPreTokenizer", "Whitespace", "WhitespaceSplit"];
const files: readonly (readonly [string, JsonObject, Fidelity])[] = [
  [
    "everything for byte-level BPE",
    { pre_tokenizer: { type: "ByteLevel" }, decoder: { type: "ByteLevel" } },
    exact,
  ],
  [
    "everything although the decoder has an option that it ignores",
    { decoder: { type: "ByteLevel", add_prefix_space: true } },
    exact,
  ],
  [
    "all but a space that is added",
    { pre_tokenizer: { type: "ByteLevel", add_prefix_space: true }, decoder: { type: "ByteLevel" } },
    { ...exact, leading: " " },
  ],
  [
    "all but a space that is dropped, deep in a sequence",
    { decoder: { type: "Sequence", decoders: [{ type: "Fuse" }, { type: "Strip" }] } },
    { ...exact, leading: " " },
  ],
  [
    "all but what stands for a space",
    { normalizer: { type: "Sequence", normalizers: [{ type: "Prepend" }] }, decoder: { type: "Fuse" } },
    { ...exact, leading: " ▁" },
  ],
  ["all but white space without decoder", { decoder: null }, { ...exact, whiteSpace: true }],
  ...spaceSplitters.map((type): readonly [string, JsonObject, Fidelity] => [
    `all but white space with ${type}`,
    { pre_tokenizer: { type: "Sequence", pretokenizers: [{ type }] }, decoder: { type: "Fuse" } },
    { ...exact, whiteSpace: true },
  ]),
];

test.each(files)("what must survive: %s", (_, file, fidelity) => {
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
])("%j as %j with %j: %j", (text, decoded, fidelity, survived) => {
  expect(finish(survives(text, decoded, fidelity))).toBe(survived);
});
