import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type FixtureName,
  fixtureTokenizer,
  readFixture,
  tinyTokenizer,
} from "../../../test/support/tokenizers.ts";
import { Detokenizer } from "./detokenizer.ts";
import { Tokenizer } from "./tokenizer.ts";

/** The four common decoders, and two rare ones: no decoder, and stages after `Fuse`. */
const tokenizers: readonly (readonly [string, Tokenizer])[] = [
  ...(["qwen", "gemma", "llama", "metaspace", "word-piece"] satisfies FixtureName[]).map(
    (name) => [name, fixtureTokenizer(name)] as const,
  ),
  ["tiny", tinyTokenizer()],
  ["no decoder", Tokenizer.fromFiles({ tokenizer: { ...readFixture("llama").tokenizer, decoder: null } })],
  ["stages after Fuse", withDecoder({ type: "Fuse" }, { type: "Strip", content: " ", start: 2, stop: 2 })],
];

function withDecoder(...decoders: readonly object[]): Tokenizer {
  const first = [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }];
  const decoder = { type: "Sequence", decoders: [...first, ...decoders] };
  return Tokenizer.fromFiles({ tokenizer: { ...readFixture("llama").tokenizer, decoder } });
}

/** Cuts a sequence into pieces. */
function cut<T>(sequence: readonly T[], cuts: readonly number[]): T[][] {
  const at = [...new Set(cuts.map((each) => each % (sequence.length + 1)))].sort((a, b) => a - b);
  return [...at, sequence.length].map((end, i) => sequence.slice(i === 0 ? 0 : at[i - 1], end));
}

const cuts = fc.array(fc.nat(), { maxLength: 8 });
const special = fc.constantFrom("skip" as const, "keep" as const);

describe.each(tokenizers)("%s", (_, tokenizer) => {
  const ids = fc.array(fc.nat({ max: tokenizer.vocabularySize + 2 }), { maxLength: 40 });

  test("gives the text of the whole sequence, however it is cut", () => {
    fc.assert(
      fc.property(ids, cuts, special, (ids, cuts, special) => {
        const detokenizer = new Detokenizer(tokenizer, { special });
        const texts = cut(ids, cuts).map((part) => detokenizer.push(part));
        expect(texts.join("") + detokenizer.finish()).toBe(tokenizer.decode(ids, { special }));
      }),
      { numRuns: 300 },
    );
  });
});

describe.each(["qwen", "llama"] as const)("%s", (name) => {
  const tokenizer = fixtureTokenizer(name);

  test("never returns half a character of valid text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (text) => {
        const valid = text.normalize("NFC").replace(/[\uFFFD▁]/gu, "");
        const detokenizer = new Detokenizer(tokenizer);
        let received = "";
        for (const id of tokenizer.encode(valid)) {
          received += detokenizer.push([id]);
          expect(valid.startsWith(received) || valid.slice(1).startsWith(received)).toBe(true);
        }
        expect(detokenizer.finish()).toBe("");
      }),
      { numRuns: 300 },
    );
  });

  test("holds back a character until its last byte", () => {
    const ids = tokenizer.encode("a\u{1F9FF}");
    const detokenizer = new Detokenizer(tokenizer);
    expect(detokenizer.push(ids.slice(0, -1))).toBe("a");
    expect(detokenizer.push(ids.slice(-1))).toBe("\u{1F9FF}");
  });

  test("replaces an incomplete character at the end", () => {
    const ids = tokenizer.encode("a\u{1F9FF}");
    const detokenizer = new Detokenizer(tokenizer);
    detokenizer.push(ids.slice(0, -1));
    expect(detokenizer.finish()).toBe("\uFFFD");
    expect(detokenizer.push(tokenizer.encode("b"))).toBe("b");
  });
});

test("text that no later token can change is returned at once", () => {
  const tiny = tinyTokenizer();
  const detokenizer = new Detokenizer(tiny);
  expect(tiny.encode("hello").map((id) => detokenizer.push([id]))).toEqual([..."hello"]);
});

test("a special token is skipped, or is kept and ends an incomplete character", () => {
  const qwen = fixtureTokenizer("qwen");
  const [first, ...rest] = qwen.encode("\u{1F9FF}") as [number, ...number[]];
  const ids = [first, qwen.idOf("<|mask|>")!, ...rest];
  expect(qwen.decode(ids)).toBe("\u{1F9FF}");
  expect(qwen.decode(ids, { special: "keep" })).toMatch(/^\uFFFD<\|mask\|>\uFFFD+$/u);
});

test("a byte order mark is kept as text", () => {
  for (const name of ["qwen", "gemma"] as const) {
    const tokenizer = fixtureTokenizer(name);
    expect(tokenizer.decode(tokenizer.encode("\uFEFFa\uFEFF"))).toBe("\uFEFFa\uFEFF");
  }
});

test("each token takes the same time, however long the sequence", () => {
  const qwen = fixtureTokenizer("qwen");
  let looked = 0;
  const counting = {
    specialIds: qwen.specialIds,
    piece: (id: number) => {
      looked++;
      return qwen.piece(id);
    },
    startDecoding: () => qwen.startDecoding(),
  };
  const detokenizer = new Detokenizer(counting);
  const ids = qwen.encode("the quick brown fox ".repeat(500));
  for (const id of ids) detokenizer.push([id]);
  expect(looked).toBe(ids.length);
});
