/** Rules of the loader that concern several files: the head, token ids, dtypes, tensors. */
import { describe, expect, test } from "vitest";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { Engine, type ModelSource } from "../../src/core/index.ts";
import { elementCount } from "../../src/core/tensor/index.ts";
import type { Config } from "../support/layouts.ts";
import { failure } from "../support/loopback.ts";
import type { TestTensor } from "../support/safetensors.ts";
import { ids, logitsOf, read, smallOf, sourceOf, without } from "../support/smallModels.ts";

const { dream, llada2, qwen3, sdar } = ids;

describe("the head", () => {
  const model = smallOf(sdar);
  const embedding = model.tensors.find(({ name }) => name === "model.embed_tokens.weight")!;
  const rest = model.tensors.filter(({ name }) => name !== "lm_head.weight");
  const head = (data: TestTensor["data"]) => ({ ...embedding, name: "lm_head.weight", data });
  const values = Array.from(embedding.data as ArrayLike<number>);

  test("is the embedding if the checkpoint has no head, or an equal one", async () => {
    const absent = { ...model, tensors: rest };
    const equal = { ...model, tensors: [...rest, head(values)] };
    for (const one of [absent, equal]) {
      expect((await read(one)).model.architecture.tied).toBe(true);
      expect((await read(one)).weights.map(({ symbol }) => symbol)).not.toContain("head");
    }
    expect(await logitsOf(equal)).toEqual(await logitsOf(absent));
  });
  test("is counted as stored by a plan, which reads no weights", async () => {
    const source = sourceOf({ ...model, tensors: [...rest, head(values)] });
    const { checkpoint } = await readModelFiles(source);
    const from = Math.min(...[...checkpoint.tensors.values()].map(({ offset }) => offset));
    const unread: ModelSource = {
      ...source,
      open: async (name, signal) => {
        const file = await source.open(name, signal);
        return {
          name: file.name,
          size: file.size,
          read: (offset, length, own) => {
            // The read of the header may be longer than the header.
            if (name.endsWith(".safetensors") && offset >= from) throw new Error("A weight was read");
            return file.read(offset, length, own);
          },
        };
      },
    };
    const stored = [...checkpoint.tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
    expect((await Engine.plan(unread)).parameters).toBe(stored);
    await expect(readModelFiles(unread)).rejects.toThrow("A weight was read");
  });
  test("is a weight of its own if one element differs, even with 'tie_word_embeddings'", async () => {
    const last = values.with(-1, values.at(-1)! + 1);
    const config = { ...model.config, tie_word_embeddings: true };
    const other = { ...model, config, tensors: [...rest, head(last)] };
    expect((await read(other)).model.architecture.tied).toBe(false);
    expect(await logitsOf(other)).not.toEqual(await logitsOf({ ...model, tensors: rest }));
  });
});

describe("the mask token", () => {
  const model = smallOf(sdar);
  const special = ["<a>", "<b>", "<c>", "<|MASK|>", "<d>", "<e>", "<f>", "<g>", "<h>"];
  test("may be named by several files that agree", async () => {
    const config = { ...model.config, mask_token_id: 43 };
    const tokenizerConfig = { mask_token: "<|MASK|>" };
    const agreeing = { ...model, config, special, tokenizerConfig, generation: { mask_token_id: 43 } };
    expect((await read(agreeing)).model.maskToken).toBe(43);
    const byText = { ...model, config: without(config, "mask_token_id"), special };
    expect((await read(byText)).model.maskToken).toBe(43);
  });
  test.each([
    [
      { generation: { mask_token_id: 44 } },
      "config.json and generation_config.json disagree",
      "found 43 and 44",
    ],
    [
      { special, tokenizerConfig: { mask_token: "<e>" } },
      "config.json and tokenizer_config.json",
      "found 43 and 45",
    ],
    [
      { special: special.with(3, "<x>").with(4, "<|MASK|>") },
      "config.json and '<|MASK|>' in",
      "found 43 and 44",
    ],
  ])("is refused if two files disagree: %j", async (change, names, ids) => {
    const config = { ...model.config, mask_token_id: 43 };
    const reading = read({ ...model, config, ...change });
    await expect(reading).rejects.toEqual(failure("invalid-file", names));
    await expect(reading).rejects.toEqual(failure("invalid-file", ids));
  });
  test("must be in the tokenizer and within the vocabulary", async () => {
    const lacking = read({ ...model, special: special.slice(0, 3) });
    await expect(lacking).rejects.toEqual(failure("invalid-file", "no mask token: expected one with id 48"));
    const outside = read({ ...model, config: { ...model.config, mask_token_id: 50 } });
    await expect(outside).rejects.toEqual(failure("invalid-file", "mask token must be below"));
  });
  test("defaults to the family's id only if the tokenizer has an added token with that id", async () => {
    const causal = smallOf(ids.stableDiffcoder);
    const config = without(causal.config, "mask_token_id");
    const reading = (more: Readonly<Record<string, string>>) => read({ ...causal, config, more });
    const tokenizerOf = (content: string, vocab: Readonly<Record<string, number>>, id: number) => {
      const added_tokens = [{ id, content, special: true, normalized: false }];
      const tokenizer = {
        decoder: { type: "Fuse" },
        added_tokens,
        model: { type: "BPE", vocab, merges: [] },
      };
      return { "tokenizer.json": JSON.stringify(tokenizer) };
    };
    const vocab = { a: 0, b: 1, c: 2, d: 3, e: 4 };
    expect((await reading(tokenizerOf("<gap>", vocab, 5))).model.maskToken).toBe(5);
    const text = reading(tokenizerOf("<gap>", { ...vocab, "&": 5 }, 6));
    await expect(text).rejects.toEqual(
      failure("invalid-file", "names a mask token ('mask_token_id' in config.json)"),
    );
    await expect(text).rejects.toEqual(
      failure("invalid-file", `default 5 is not an added token of tokenizer.json: found "&"`),
    );
    await expect(reading({})).rejects.toEqual(
      failure("invalid-file", "default 5 cannot be confirmed: found no tokenizer"),
    );
    const named = tokenizerOf("<[MASK▁TOKEN]>", { ...vocab, "&": 5 }, 7);
    expect((await reading(named)).model.maskToken).toBe(7);
    // An ordinary token with the mask token's text does not count.
    const spelled = tokenizerOf("<gap>", { ...vocab, "<[MASK▁TOKEN]>": 6 }, 5);
    expect((await reading(spelled)).model.maskToken).toBe(5);
  });
  test.each([
    [{ eos_token_id: 48 }, {}],
    [{ eos_token_id: [47, 48] }, {}],
    [{}, { eos_token_id: 48 }],
  ])("must not be an end-of-sequence token: %j and %j", async (change, generation) => {
    const config = { ...model.config, mask_token_id: 48, ...change };
    await expect(read({ ...model, config, generation })).rejects.toEqual(
      failure("invalid-file", "its mask token must not be an end-of-sequence token: found 48 as both"),
    );
  });
  test("of a causal model is an id without another meaning", async () => {
    const causal = smallOf(qwen3);
    const config = { ...causal.config, eos_token_id: 49, pad_token_id: 48 };
    expect((await read({ ...causal, config })).model.maskToken).toBe(47);
  });
  test("of a causal model is the highest id without a text", async () => {
    const causal = smallOf(qwen3);
    const config = without(causal.config, "mask_token_id");
    expect((await read({ ...causal, config, special })).model.maskToken).toBe(49);
    const full = { ...causal, config: { ...config, vocab_size: 48 }, special: special.slice(0, 8) };
    await expect(read(full)).rejects.toEqual(failure("invalid-file", "each of its 48 tokens has a text"));
  });
});

test("stop tokens come from all files and the family's end of a turn, and do not include the pad token", async () => {
  const model = smallOf(sdar);
  const special = ["<a>", "<|im_end|>", "<b>", "<c>", "<d>", "<e>", "<f>", "<g>", "<|MASK|>"];
  const { model: found } = await read({
    ...model,
    config: { ...model.config, eos_token_id: [47, 45], pad_token_id: 46 },
    special,
    generation: { eos_token_id: [45, 44] },
    tokenizerConfig: { eos_token: "<b>" },
  });
  expect(found.stopTokens).toEqual([47, 45, 44, 42, 41]);
  expect(found.padToken).toBe(46);
});

test("a pad token of -1, or equal to the mask token, is ignored", async () => {
  const padOf = async (pad: number | null, generation: Config) => {
    const model = smallOf(sdar);
    const config = { ...model.config, pad_token_id: pad };
    return (await read({ ...model, config, generation })).model.padToken;
  };
  expect(await padOf(-1, {})).toBeUndefined();
  expect(await padOf(-1, { pad_token_id: 45 })).toBe(45);
  expect(await padOf(46, { pad_token_id: 45 })).toBe(46);
  expect(await padOf(48, {})).toBeUndefined();
  await expect(padOf(-2, {})).rejects.toEqual(failure("invalid-file", "no valid 'pad_token_id'"));
});

test("NaN and infinities in config.json are accepted in unused fields, and refused in used ones", async () => {
  const model = smallOf(sdar);
  const withText = (name: string, text: string) => {
    const rest = `${JSON.stringify(model.config).slice(0, -1)}, ${text}}`;
    return read({ ...model, more: { [name]: name === "config.json" ? rest : `{${text}}` } });
  };
  const unread = '"initializer_range": NaN, "time_step_limit": [0.0, Infinity], "note": "NaN"';
  expect((await withText("config.json", unread)).model.family).toBe("SDAR");
  expect((await withText("generation_config.json", '"top_p": NaN')).model.family).toBe("SDAR");
  for (const value of ["NaN", "Infinity"]) {
    await expect(withText("config.json", `"rms_norm_eps": ${value}`)).rejects.toEqual(
      failure("invalid-file", `no valid 'rms_norm_eps': expected a positive number, found ${value}`),
    );
  }
  await expect(withText("tokenizer_config.json", '"model_max_length": NaN')).rejects.toEqual(
    failure("invalid-file", "not valid JSON"),
  );
});

test("LLaDA-MoE's router reads its bias from beside its projection, and uses it", async () => {
  const model = smallOf(ids.lladaMoe);
  const config = { ...model.config, moe_router_enable_expert_bias: true };
  const biased = (name: string, value: number) => ({
    ...model,
    config,
    tensors: [
      ...model.tensors,
      ...[0, 1].map((layer): TestTensor => {
        const data = Array.from({ length: 8 }, (_, expert) => (expert === 3 ? value : 0));
        return { name: `model.layers.${layer}.mlp.${name}`, dtype: "f32", shape: [8], data };
      }),
    ],
  });
  const plain = await logitsOf(model);
  expect(await logitsOf(biased("expert_bias", 0))).toEqual(plain);
  expect(await logitsOf(biased("expert_bias", 0.5))).not.toEqual(plain);
  await expect(read(biased("gate.expert_bias", 0))).rejects.toEqual(
    failure("invalid-weights", "'model.layers.0.mlp.expert_bias' is"),
  );
});

test("a tokenizer may be stored as vocab.json and merges.txt", async () => {
  const vocab = { ...Object.fromEntries([..."abcdefgh"].map((letter, id) => [letter, id])), ab: 8 };
  const mask = { content: "<|mask|>", special: true, normalized: false };
  const tokenizerConfig = {
    tokenizer_class: "DreamTokenizer",
    mask_token: "<|mask|>",
    added_tokens_decoder: { 48: mask },
  };
  const more = { "vocab.json": JSON.stringify(vocab), "merges.txt": "#version: 0.2\na b\n" };
  const { text, model } = await read({ ...smallOf(dream), tokenizerConfig, more });
  expect(text?.tokenizer.encode("cab")).toEqual([2, 8]);
  expect(model.maskToken).toBe(48);
});

test("an expert bias in f32 keeps its full precision", async () => {
  const model = smallOf(llada2);
  // All scores are equal, so only the bias decides. In bf16 both biases would be 1, and the lowest expert would win.
  const biased = (least: number) => ({
    ...model,
    tensors: model.tensors.map((tensor) => {
      const values = Array.from(tensor.data as ArrayLike<number>);
      if (tensor.name.endsWith("mlp.gate.weight")) return { ...tensor, data: values.map(() => 0) };
      if (!tensor.name.endsWith("expert_bias")) return tensor;
      return { ...tensor, data: values.map((_, expert) => (expert === 5 ? 1 + least : 1)) };
    }),
  });
  expect(await logitsOf(biased(1e-5))).toEqual(await logitsOf(biased(0.5)));
  expect(await logitsOf(biased(1e-5))).not.toEqual(await logitsOf(biased(0)));
});

describe("tensors", () => {
  const extra = (name: string) => ({ name, dtype: "f32", shape: [2], data: [1, 2] }) as const;
  test("without a use are refused", async () => {
    const model = smallOf(sdar);
    const reading = read({ ...model, tensors: [...model.tensors, extra("model.layers.0.extra.weight")] });
    await expect(reading).rejects.toEqual(
      failure("invalid-weights", "no place for 'model.layers.0.extra.weight'"),
    );
  });
  test("of rotary frequencies are accepted and ignored", async () => {
    const model = smallOf(sdar);
    const stored = extra("model.layers.0.self_attn.rotary_emb.inv_freq");
    const { weights } = await read({ ...model, tensors: [...model.tensors, stored] });
    expect(weights.length).toBeGreaterThan(0);
  });
  test("that are missing are named in the error", async () => {
    const model = smallOf(sdar);
    const reading = read({ ...model, tensors: model.tensors.filter(({ name }) => !name.includes("k_norm")) });
    await expect(reading).rejects.toEqual(
      failure("invalid-weights", "'model.layers.0.self_attn.k_norm.weight' is"),
    );
  });
});
