/** Tokenizers made of metadata encode as Hugging Face's own. */
import { describe, expect, test } from "vitest";
import { tokenizerOf } from "../../src/core/gguf/tokenizer.ts";
import { isJsonObject, type JsonObject } from "../../src/core/jsonObject.ts";
import { ConfigReader } from "../../src/core/model/index.ts";
import { Tokenizer } from "../../src/core/text/index.ts";
import { readFixture } from "../support/tokenizers.ts";

/** The lists that llama.cpp's converter makes of a tokenizer.json, with two rows of padding. */
function metadataOf(tokenizer: JsonObject, pre: string): JsonObject {
  const model = tokenizer["model"] as {
    vocab: Record<string, number>;
    merges: readonly (readonly string[])[];
  };
  const added = new Map(
    (tokenizer["added_tokens"] as { id: number; content: string; special: boolean }[]).map((token) => [
      token.id,
      token,
    ]),
  );
  const texts: string[] = [];
  for (const [text, id] of Object.entries(model.vocab)) texts[id] = text;
  for (const { id, content } of added.values()) texts[id] = content;
  const types = Array.from(texts, (_, id) => (added.has(id) ? (added.get(id)!.special ? 3 : 4) : 1));
  const padding = [texts.length, texts.length + 1].map((id) => `[PAD${id}]`);
  return {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": pre,
    "tokenizer.ggml.tokens": [...texts, ...padding],
    "tokenizer.ggml.token_type": [...types, 5, 5],
    "tokenizer.ggml.merges": model.merges.map((pair) => pair.join(" ")),
    "tokenizer.ggml.eos_token_id": [...added.keys()][0],
    "tokenizer.chat_template": "{{ messages }}",
  };
}
const read = (metadata: JsonObject) => tokenizerOf(new ConfigReader("the metadata of 'x.gguf'", metadata));

describe.each([
  ["qwen", "qwen2"],
  ["bailing", "llada-moe"],
] as const)("%s", (name, pre) => {
  const { tokenizer: file, encoded, decoded } = readFixture(name);
  const metadata = metadataOf(file, pre);
  const { tokenizer, config } = read(metadata);
  const made = Tokenizer.fromFiles({ tokenizer, config });

  // GGUF does not say that the token [S] takes the white space around it along.
  test.each(encoded.filter(([text]) => !text.includes("[S]")))("encodes %j", (text, ids) => {
    expect(made.encode(text, { special: "parse" })).toEqual(ids);
  });

  test("decodes", () => {
    for (const [ids, skip, text] of decoded)
      expect(made.decode(ids, { special: skip ? "skip" : "keep" })).toBe(text);
  });

  test("has roles and template, and no text for padding", () => {
    const eos = metadata["tokenizer.ggml.eos_token_id"] as number;
    expect(made.roles).toEqual({ eos: made.tokenText(eos) });
    expect(config["chat_template"]).toBe("{{ messages }}");
    expect(made.tokenText((metadata["tokenizer.ggml.tokens"] as string[]).length - 1)).toBe("");
  });
});

test("a tokenizer.json in the file is used as it is", () => {
  const { tokenizer } = readFixture("llama");
  const made = read({
    "tokenizer.huggingface.json": JSON.stringify(tokenizer),
    "tokenizer.ggml.model": "llama",
  });
  expect(made.tokenizer).toEqual(tokenizer);
  expect(isJsonObject(made.config)).toBe(true);
});

test("a file without a tokenizer has none", () => {
  expect(read({}).tokenizer).toBeUndefined();
});

test.each([
  [{ "tokenizer.ggml.model": "llama" }, "unsupported", "'tokenizer.ggml.model'"],
  [{ "tokenizer.ggml.pre": "unheard-of" }, "unsupported", 'a known pre-tokenizer: found "unheard-of"'],
  [{ "tokenizer.ggml.token_type": [1] }, "invalid-file", "as many types as tokens"],
  [{ "tokenizer.ggml.tokens": [] }, "invalid-file", "found 0 tokens"],
  [{ "tokenizer.ggml.tokens": [1, 2] }, "invalid-file", "no valid 'tokenizer.ggml.tokens'"],
])("%j is refused", (change, code, message) => {
  const metadata = metadataOf(readFixture("qwen").tokenizer, "qwen2");
  expect(() => read({ ...metadata, ...change })).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});
