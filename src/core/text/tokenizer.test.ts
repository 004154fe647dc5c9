import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  byteLevelNames,
  type FixtureName,
  fallbackNames,
  fixtureTokenizer,
  readFixture,
  tinyFiles,
  tinyTokenizer,
} from "../../../test/support/tokenizers.ts";
import { Tokenizer } from "./tokenizer.ts";

const names: readonly FixtureName[] = [...byteLevelNames, ...fallbackNames, "word-piece"];
const text = fc.string({ unit: "binary", maxLength: 60 });

describe.each(names)("%s against Hugging Face", (name) => {
  const { encoded, decoded } = readFixture(name);
  const tokenizer = fixtureTokenizer(name);

  // Metaspace encodes '▁' as a space: the reference accepts that loss, and this tokenizer does not
  test.each(encoded.filter(([text]) => name !== "metaspace" || !text.includes("▁")))(
    "encodes %j",
    (text, ids) => {
      expect(tokenizer.encode(text, { special: "parse" })).toEqual(ids);
    },
  );

  test("decodes", () => {
    // readDecoder documents the differences: invalid bytes in byte fallback, and Metaspace's first token
    const comparable = decoded.filter(([ids, , text]) => {
      if (name === "metaspace" && /.▁|^▁▁/u.test(tokenizer.piece(ids[0] ?? 0)!.text)) return false;
      return (byteLevelNames as readonly string[]).includes(name) || !text.includes("\uFFFD");
    });
    expect(comparable.length).toBeGreaterThan(5);
    for (const [ids, skip, text] of comparable) {
      expect(tokenizer.decode(ids, { special: skip ? "skip" : "keep" })).toBe(text);
    }
  });
});

describe.each(byteLevelNames)("%s", (name) => {
  const { tokenizer: file, split } = readFixture(name);
  const tokenizer = fixtureTokenizer(name);

  test("splits text into the reference's words", () => {
    const plain = { ...file, normalizer: null, added_tokens: [] };
    const bytes = Tokenizer.fromFiles({ tokenizer: plain });
    const model = file["model"] as { vocab: Record<string, number> };
    for (const [text, words] of split!) {
      // a vocabulary with all words, and with whole words first, shows where the text is split
      const vocab = { ...model.vocab };
      for (const word of words) {
        const tokens = bytes.encode(word).map((id) => bytes.piece(id)!.text);
        vocab[tokens.join("")] ??= Object.keys(vocab).length + 10;
      }
      const whole = Tokenizer.fromFiles({
        tokenizer: { ...plain, model: { ...model, vocab, ignore_merges: true } },
      });
      expect(whole.encode(text).map((id) => whole.decode([id]))).toEqual(words);
    }
  });

  test("decodes to the text, normalized", () => {
    fc.assert(
      fc.property(text, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text), { special: "keep" })).toBe(text.normalize("NFC"));
      }),
      { numRuns: 500 },
    );
  });

  test("reports a lone surrogate", () => {
    expect(() => tokenizer.encode("ab\uD800c")).toThrow("drops U+D800 at position 2");
  });
});

describe.each(fallbackNames)("%s", (name) => {
  test("decodes to the text, except for added spaces", () => {
    const tokenizer = fixtureTokenizer(name);
    fc.assert(
      fc.property(text, (text) => {
        fc.pre(!text.includes("▁"));
        const decoded = tokenizer.decode(tokenizer.encode(text), { special: "keep" });
        expect([text, text.replace(/^ /, "")]).toContain(decoded);
      }),
    );
  });
});

describe("special tokens", () => {
  const file = {
    decoder: { type: "Fuse" },
    model: { type: "BPE", vocab: { a: 0, "</s>": 1, "<think>": 2, "<m>": 3 }, merges: [] },
    added_tokens: [{ id: 2, content: "<think>", special: false, normalized: false }],
  };

  test("are declared by the files", () => {
    const tokenizer = Tokenizer.fromFiles({ tokenizer: file, config: { eos_token: { content: "</s>" } } });
    expect([...tokenizer.specialIds]).toEqual([1]);
    expect(tokenizer.roles).toEqual({ eos: "</s>" });
    expect(tokenizer.encode("a<think></s>", { special: "parse" })).toEqual([0, 2, 1]);
    expect(tokenizer.encode("<think>")).toEqual([2]);
    expect(tokenizer.decode([0, 1, 2])).toBe("a<think>");
    expect(tokenizer.decode([0, 1, 2], { special: "keep" })).toBe("a</s><think>");
  });

  test("are those with a meaning in the model's configuration", () => {
    const tokenizer = Tokenizer.fromFiles({ tokenizer: file, controlIds: [3, 2] });
    expect([...tokenizer.specialIds].sort()).toEqual([2, 3]);
    expect(() => tokenizer.encode("<think>")).toThrow("drops '<'");
  });

  test("are those of additional_special_tokens and added_tokens_decoder", () => {
    const config = {
      additional_special_tokens: ["</s>"],
      added_tokens_decoder: { "2": { content: "<think>", special: true } },
    };
    expect([...Tokenizer.fromFiles({ tokenizer: file, config }).specialIds].sort()).toEqual([1, 2]);
  });
});

describe("the vocabulary", () => {
  const tiny = tinyTokenizer();
  const qwen = fixtureTokenizer("qwen");

  test("has the tokens of models/tiny", () => {
    expect(tiny.vocabularySize).toBe(100);
    expect([...tiny.specialIds]).toEqual([0, 1, 2, 3]);
    expect(tiny.roles).toEqual({ eos: "<|eos|>", pad: "<|eos|>", mask: "<|mask|>" });
    expect(tiny.idOf("<|assistant|>")).toBe(3);
    expect(tiny.idOf("~")).toBe(99);
    expect(tiny.idOf("é")).toBeUndefined();
  });

  test("shows single tokens", () => {
    const shown = (text: string) => qwen.encode(text, { special: "parse" }).map((id) => qwen.tokenText(id));
    expect(shown(" hello<|mask|>")).toEqual([" hello", "<|mask|>"]);
    expect(shown("é")).toEqual(["é"]);
    expect(shown("\u1234").join("")).toBe("<0xE1><0x88><0xB4>");
    const llama = fixtureTokenizer("llama");
    expect(
      llama
        .encode("hello")
        .map((id) => llama.tokenText(id))
        .join(""),
    ).toBe(" hello");
    expect(tiny.tokenText(103)).toBe("");
  });

  test("has no text for padding rows", () => {
    expect(tiny.decode([84, 100, 103, 5000, 83])).toBe("on");
  });

  test.each([-1, 1.5, Number.NaN])("refuses %d as an id", (id) => {
    expect(() => tiny.decode([84, id])).toThrow(expect.objectContaining({ code: "invalid-request" }));
  });

  test("keeps spaces before punctuation, even if the configuration enables their clean-up", () => {
    const config = { ...tinyFiles.config, clean_up_tokenization_spaces: true };
    const tokenizer = Tokenizer.fromFiles({ tokenizer: tinyFiles.tokenizer, config });
    expect(tokenizer.decode(tokenizer.encode("x = [1 , 2] . n't"))).toBe("x = [1 , 2] . n't");
  });
});

describe("files that cannot be read", () => {
  const { tokenizer: file } = tinyFiles;
  test.each([
    ["a list", [], "invalid-file", "its top level must be an object"],
    ["no model", {}, "invalid-file", "'model' must be an object"],
    ["no vocabulary", { model: { type: "BPE" } }, "invalid-file", "has no 'vocab'"],
    ["no merges", { model: { type: "BPE", vocab: {} } }, "invalid-file", "Cannot read 'my.json'"],
    [
      "an added token without id",
      { ...file, added_tokens: [{ content: "x" }] },
      "invalid-file",
      "needs an 'id'",
    ],
    ["another normalizer", { ...file, normalizer: { type: "Unknown" } }, "unsupported", "Unknown"],
    [
      "another decoder",
      { ...file, decoder: { type: "CTC" } },
      "unsupported",
      'its decoder is not known: found "CTC"',
    ],
    [
      "a decoder with a pattern",
      { ...file, decoder: { type: "Replace", pattern: { Regex: "a" }, content: "" } },
      "unsupported",
      "must replace a plain string",
    ],
    [
      "an unsupported behavior of Split",
      { ...file, pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious" } },
      "unsupported",
      "must split as 'Isolated' or 'Removed': found \"MergedWithPrevious\"",
    ],
    [
      "a pattern that JavaScript lacks",
      {
        ...file,
        pre_tokenizer: { type: "Split", pattern: { Regex: "\\p{Nonsense}" }, behavior: "Isolated" },
      },
      "unsupported",
      "Nonsense",
    ],
  ])("%s", (_, tokenizer, code, message) => {
    expect(() => Tokenizer.fromFiles({ tokenizer, name: "my.json" })).toThrow(
      expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(message) }),
    );
  });
});
