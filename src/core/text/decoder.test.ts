import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDecoder } from "./decoder.ts";

function decode(decoder: unknown, tokens: readonly string[]): string {
  const stream = readDecoder(decoder, "tokenizer.json")();
  return tokens.map((text) => stream.push({ text, added: false })).join("") + stream.finish();
}

describe("Strip", () => {
  const strip = (start: number, stop: number) => ({ type: "Strip", content: "_", start, stop });
  const fused = (start: number, stop: number) => ({
    type: "Sequence",
    decoders: [{ type: "Fuse" }, strip(start, stop)],
  });

  test.each([
    ["from the start of each token", strip(1, 0), ["__a", "_b_"], "_ab_"],
    ["from the end of each token", strip(0, 1), ["_a__", "_b_"], "_a__b"],
    ["from both ends", strip(2, 2), ["__a__", "___"], "a"],
    ["from the start of the whole text after Fuse", fused(2, 0), ["_", "_", "_a", "_"], "_a_"],
    ["from the end of the whole text after Fuse", fused(0, 2), ["_", "a_", "_", "_"], "_a_"],
    ["nothing after another character", fused(3, 0), ["_a", "_", "b"], "a_b"],
  ])("cuts %s", (_, decoder, tokens, text) => {
    expect(decode(decoder, tokens)).toBe(text);
  });
});

describe("Metaspace", () => {
  test.each([
    ["drops the first space", { type: "Metaspace" }, ["▁a", "▁b"], "a b"],
    ["drops only one space", { type: "Metaspace", replacement: "▁" }, ["▁▁a", "▁"], " a "],
    [
      "keeps the first space if the encoder adds none",
      { type: "Metaspace", prepend_scheme: "never" },
      ["▁a", "▁b"],
      " a b",
    ],
    ["reads the old option", { type: "Metaspace", add_prefix_space: false }, ["▁a"], " a"],
    ["replaces another character", { type: "Metaspace", replacement: "_" }, ["_a", "_▁"], "a ▁"],
  ])("%s", (_, decoder, tokens, text) => {
    expect(decode(decoder, tokens)).toBe(text);
  });
});

test("WordPiece joins the parts of words, with and without clean-up", () => {
  const tokens = ["it", "'", "s", "jump", "##ed", ",", "do", "n't"];
  expect(decode({ type: "WordPiece", prefix: "##", cleanup: false }, tokens)).toBe("it ' s jumped , do n't");
  expect(decode({ type: "WordPiece", prefix: "##", cleanup: true }, tokens)).toBe("it ' s jumped, don't");
});

test("the content of Replace is literal text", () => {
  expect(decode({ type: "Replace", pattern: { String: "." }, content: "$&" }, ["a.b", "."])).toBe("a$&b$&");
});

test("byte fallback decodes runs of byte tokens, and no other tokens", () => {
  const decoder = { type: "ByteFallback" };
  expect(decode(decoder, ["a", "<0xE4>", "<0xBD>", "<0xa0>", "<0x4>", "<0xE4>", "b"])).toBe(
    "a你<0x4>\uFFFDb",
  );
});

test("byte-level tokens outside the alphabet decode to their own text", () => {
  expect(decode({ type: "ByteLevel" }, ["Ġa", "你"])).toBe(" a你");
});

test("an added token decodes to its own text, and ends an incomplete character", () => {
  const stream = readDecoder({ type: "ByteLevel" }, "tokenizer.json")();
  const texts = [stream.push({ text: "Ã", added: false }), stream.push({ text: "é", added: true })];
  expect([...texts, stream.finish()]).toEqual(["", "\uFFFDé", ""]);
});

test("invalid bytes decode as the platform decodes the whole sequence", () => {
  const bytes = fc.array(
    fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0xe4, 0xbd, 0xa0, 0xf0, 0x9f, 0xef, 0xbb, 0xbf)),
  );
  const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  fc.assert(
    fc.property(bytes, (bytes) => {
      const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
      expect(decode({ type: "ByteFallback" }, bytes.map(hex))).toBe(whole);
    }),
    { numRuns: 500 },
  );
});
