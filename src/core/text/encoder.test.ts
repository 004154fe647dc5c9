import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  characterTokenizer,
  fixtureTokenizer,
  readFixture,
  tinyFiles,
  tinyTokenizer,
} from "../../../test/support/tokenizers.ts";
import { runNow } from "../pausing.ts";
import { Tokenizer } from "./tokenizer.ts";

describe("text that the tokenizer would drop", () => {
  const tiny = tinyTokenizer();

  test("is reported with its code point and position", () => {
    expect(() => tiny.encode("what is a caf\u00e9?", { what: "the prompt" })).toThrow(
      expect.objectContaining({
        code: "text",
        message: "Cannot encode the prompt as the tokenizer drops 'é' (U+00E9) at position 13",
      }),
    );
  });

  test("is reported once for each character, and the characters after the third are counted", () => {
    expect(() => tiny.encode("é€é\t🙂x你")).toThrow(
      "drops 'é' (U+00E9) at position 0, '€' (U+20AC) at position 1, U+0009 at position 3 and 2 others",
    );
  });

  test("has positions from the start of its part", () => {
    const parts = [
      { text: "<|user|>ab", special: "parse" },
      { text: "cé", special: "plain", name: "messages[0].content" },
    ] as const;
    expect(() => tiny.encodeParts(parts)).toThrow("drops 'é' (U+00E9) at position 1 of messages[0].content");
  });

  test("consists of exactly the characters without a token", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab \n~é€🙂\t") }), (text) => {
        const lost = [...text].filter((character) => tiny.idOf(character) === undefined);
        if (lost.length === 0) expect(tiny.decode(tiny.encode(text))).toBe(text);
        else expect(() => tiny.encode(text)).toThrow(`at position ${text.indexOf(lost[0]!)}`);
      }),
    );
  });

  test("includes unknown words, and a metaspace symbol that would decode to a space", () => {
    expect(() => fixtureTokenizer("word-piece").encode("the é zebra")).toThrow(
      "drops 'é' (U+00E9) at position 4, 'zebra' at position 6",
    );
    expect(() => fixtureTokenizer("metaspace").encode("▁a")).toThrow("drops '▁' (U+2581) at position 0");
  });
});

describe("special tokens typed in text", () => {
  const qwen = fixtureTokenizer("qwen");
  const mask = qwen.idOf("<|mask|>")!;
  const texts = fc
    .array(fc.constantFrom("<|mask|>", "<|im_end|>", "<|", "|>", "mask", "[S]", " ", "é"))
    .map((each) => each.join(""));

  test("are characters by default", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const ids = qwen.encode(text);
        expect(ids.filter((id) => qwen.specialIds.has(id))).toEqual([]);
        expect(qwen.decode(ids)).toBe(text);
      }),
    );
  });

  test("are tokens where they are parsed", () => {
    expect(qwen.encode("a<|mask|>", { special: "parse" })).toEqual([...qwen.encode("a"), mask]);
    expect(tinyTokenizer().encode("<|mask|>", { special: "parse" })).toEqual([1]);
  });

  test("are errors where they are refused", () => {
    expect(() => qwen.encode("a <|mask|>", { special: "refuse" })).toThrow(
      expect.objectContaining({
        code: "text",
        message:
          "Cannot encode the text as it must not contain special tokens: found '<|mask|>' at position 2",
      }),
    );
    expect(qwen.encode("a mask", { special: "refuse" })).toEqual(qwen.encode("a mask"));
  });

  test("are not found across two parts", () => {
    const ids = qwen.encodeParts([
      { text: "<|im_start|><|ma", special: "parse" },
      { text: "sk|>", special: "plain" },
      { text: "<|im_end|>", special: "parse" },
    ]);
    expect(ids).not.toContain(mask);
    expect(qwen.decode(ids, { special: "keep" })).toBe("<|im_start|><|mask|><|im_end|>");
  });

  test("are not produced through the vocabulary", () => {
    const vocab = { "<": 0, m: 1, ">": 2, "<m": 3, "<m>": 4 };
    const load = (model: object, special = "<m>") =>
      Tokenizer.fromFiles({
        tokenizer: {
          model: { type: "BPE", vocab, merges: [], ...model },
          pre_tokenizer: { type: "ByteLevel", use_regex: false },
          decoder: { type: "ByteLevel" },
          added_tokens: [{ id: 4, content: special, special: true, normalized: false }],
        },
      });
    expect(load({ ignore_merges: true }).encode("<m>")).toEqual([0, 1, 2]);
    const merges = ["< m", "<m >"];
    expect(() => load({ merges }).encode("<m>")).toThrow('do not decode to the same text: found "<m>"');
    // the vocabulary uses another alphabet than the special token's text
    const bytes = { Ã: 0, "©": 1, "Ã©": 4 };
    expect(() => load({ vocab: bytes, merges: ["Ã ©"] }, "é").encode("é")).toThrow("drops 'é'");
  });

  test("are refused if no other tokens have their text", () => {
    const tokenizer = characterTokenizer("abc", ["<x>"]);
    expect(() => tokenizer.encode("<x>")).toThrow("drops '<' (U+003C) at position 0");
  });
});

describe("added tokens and the normalizer", () => {
  const { tokenizer } = tinyFiles;
  const added = [
    { id: 1, content: "<|mask|>", special: true, normalized: false },
    { id: 100, content: "<Tool>", special: false, normalized: true },
    { id: 101, content: "é", special: false, normalized: false },
  ];
  const lower = Tokenizer.fromFiles({
    tokenizer: { ...tokenizer, normalizer: { type: "Lowercase" }, added_tokens: added },
  });

  test("an ordinary token with `normalized` is matched in the normalized text", () => {
    expect(lower.encode("A<TOOL>é", { special: "parse" })).toEqual([70, 100, 101]);
    expect(lower.encode("A<tool>")).toEqual([70, 100]);
  });

  test("text that normalizes to a special token counts as one for 'refuse', and is never encoded as one", () => {
    expect(() => lower.encode("a<|MASK|>", { special: "refuse" })).toThrow("found '<|mask|>' at position 1");
    expect(lower.decode(lower.encode("a<|MASK|>", { special: "parse" }))).toBe("a<|mask|>");
  });

  test("added tokens decode to their own text in a byte-level vocabulary", () => {
    const { tokenizer } = readFixture("qwen");
    const byteLevel = Tokenizer.fromFiles({
      tokenizer: { ...tokenizer, added_tokens: [{ id: 400, content: "é" }] },
    });
    expect(byteLevel.encode("aé")).toEqual([...byteLevel.encode("a"), 400]);
    expect(byteLevel.decode(byteLevel.encode("aé"))).toBe("aé");
    expect(byteLevel.tokenText(400)).toBe("é");
  });
});

describe("text that cannot be encoded", () => {
  const qwen = fixtureTokenizer("qwen");
  const marks = `a${"\u0300\u0323".repeat(5000)}`;

  test("is an error with its reason in each method", () => {
    const refused = (what: string, reason: string) =>
      expect.objectContaining({
        name: "DiffusionError",
        code: "text",
        message: expect.stringMatching(new RegExp(`^Cannot ${what} as ${reason}`)),
      });
    expect(() => qwen.encode(marks)).toThrow(refused("encode the text", "at most 1024 combining characters"));
    expect(() => qwen.findSpecials(marks)).toThrow(
      refused("find special tokens", "at most 1024 combining characters"),
    );
    const word = refused("encode the text", "a word may have at most 65536 characters");
    expect(() => qwen.encode("a".repeat(70_000))).toThrow(word);
  });

  test("is refused for its number of tokens first, if the number is known", () => {
    const encode = (text: string) =>
      runNow(qwen.encodePausing([{ text, special: "plain" }], { maxTokens: 100 }));
    expect(() => encode("가".repeat(70_000))).toThrow(
      "Cannot encode the text as it may have at most 100 tokens: found at least",
    );
    expect(() => encode(`가${"1".repeat(97)}`)).not.toThrow();
    expect(() => encode("1".repeat(101))).toThrow("found at least 101");
  });
});
