/** What a loader insists on, rule by rule. */
import { describe, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { readModelFiles } from "../../src/core/engine/modelFiles.ts";
import { Engine } from "../../src/core/index.ts";
import { readModel } from "../../src/core/model/index.ts";
import { memory } from "../../src/sources/memory.ts";
import { generator } from "../suites/conformance/random.ts";
import type { Config } from "../support/layouts.ts";
import { failure } from "../support/loopback.ts";
import { publishedModels, small } from "../support/publishedModels.ts";
import { safetensors, type TestTensor } from "../support/safetensors.ts";
import { randomTensors } from "../support/smallCheckpoint.ts";

interface Small {
  readonly config: Config;
  readonly generation?: Config;
  /** Texts of the tokens from 40 on. */
  readonly special?: readonly string[];
  readonly tokenizerConfig?: Config;
  readonly tensors: readonly TestTensor[];
}

/** A small checkpoint of a public model, to be changed. */
function smallOf(id: string): Small {
  const published = publishedModels.find((model) => model.id === id)!;
  const config = small(published);
  return { config, tensors: randomTensors(published.layout(config), generator(5)) };
}

function sourceOf({ config, generation, special, tokenizerConfig, tensors }: Small) {
  const vocab = Object.fromEntries(Array.from({ length: 40 }, (_, id) => [String.fromCharCode(48 + id), id]));
  const added = special?.map((content, i) => ({ id: 40 + i, content, special: true, normalized: false }));
  const tokenizer = {
    decoder: { type: "Fuse" },
    added_tokens: added,
    model: { type: "BPE", vocab, merges: [] },
  };
  return memory({
    "config.json": JSON.stringify(config),
    "model.safetensors": safetensors(tensors),
    ...(generation && { "generation_config.json": JSON.stringify(generation) }),
    ...(special && { "tokenizer.json": JSON.stringify(tokenizer) }),
    ...(tokenizerConfig && { "tokenizer_config.json": JSON.stringify(tokenizerConfig) }),
  });
}

const read = (model: Small) => readModelFiles(sourceOf(model));

async function logitsOf(model: Small) {
  const engine = await Engine.load(sourceOf(model), { backend: cpu() });
  const rows = await engine.logits([3, 1, 4, 1, 5]);
  await engine.dispose();
  return rows;
}

const familyOf = async (config: Config) =>
  (await readModel({ config, tensors: new Set(), same: async () => false })).family;
const configOf = (id: string) => smallOf(id).config;
const without = (config: Config, ...fields: readonly string[]) =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !fields.includes(name)));

const llada = "GSAI-ML/LLaDA-8B-Instruct";
const lladaMoe = "inclusionAI/LLaDA-MoE-7B-A1B-Instruct";
const llada2 = "inclusionAI/LLaDA2.0-mini";
const sdar = "JetLM/SDAR-4B-Chat";
const sdarMoe = "JetLM/SDAR-30B-A3B-Chat";
const fast = "Efficient-Large-Model/Fast_dLLM_v2_7B";
const qwen2 = "Qwen/Qwen2.5-0.5B-Instruct";
const qwen3 = "Qwen/Qwen3-0.6B";
const kinds = ["architectures", "model_type"];

describe("dispatch", () => {
  test("architectures come before the model type", async () => {
    expect(await familyOf({ ...configOf(sdar), model_type: "qwen3" })).toBe("SDAR");
    expect(await familyOf({ ...without(configOf(sdar), "architectures") })).toBe("SDAR");
    expect(await familyOf({ ...configOf(sdar), architectures: ["MySdar"] })).toBe("SDAR");
  });
  test("the type 'llada' is told apart by its experts", async () => {
    expect(await familyOf(without(configOf(llada), "architectures"))).toBe("LLaDA");
    expect(await familyOf(without(configOf(lladaMoe), "architectures"))).toBe("LLaDA-MoE");
  });
  test.each([
    [llada, "LLaDA"],
    [lladaMoe, "LLaDA-MoE"],
    [llada2, "LLaDA2"],
    [fast, "Fast-dLLM v2"],
  ])("%s without a name is known by its shape", async (id, family) => {
    expect(await familyOf(without(configOf(id), ...kinds))).toBe(family);
  });
  test("Qwen2 with a 'bd_size' is Fast-dLLM v2, with a mask token Open-dCoder", async () => {
    const plain = without(configOf(qwen2), "mask_token_id");
    expect(await familyOf(plain)).toBe("Qwen2 (causal)");
    expect(await familyOf({ ...plain, bd_size: 8, mask_token_id: 48 })).toBe("Fast-dLLM v2");
    expect(await familyOf({ ...plain, mask_token_id: 48 })).toBe("Open-dCoder");
    const { model } = await read({ ...smallOf(qwen2), config: plain, special: ["<M>"] });
    expect(model).toMatchObject({ family: "Open-dCoder", maskToken: 40 });
  });
  test("a name that nobody knows is refused, whatever the shape", async () => {
    const config = { ...configOf(llada2), architectures: ["OtherForCausalLM"], model_type: "other" };
    await expect(familyOf(config)).rejects.toEqual(failure("unsupported", "found OtherForCausalLM, other"));
    await expect(familyOf(without(configOf(sdar), ...kinds))).rejects.toEqual(
      failure("unsupported", "found no architecture"),
    );
  });
  test.each([
    [{ architectures: ["DiffusionGemmaForBlockDiffusion"] }, "DiffusionGemma is not supported"],
    [{ canvas_length: 256 }, "DiffusionGemma is not supported"],
    [{ ...configOf(llada2), expert_capacity: 48 }, "LLaDA2.2 is not supported"],
    [{ architectures: ["NemotronLabsDiffusionModel"] }, "Nemotron-Labs-Diffusion is not supported"],
    [{ ...configOf(qwen3), dflash_config: {} }, "a DFlash drafter is not supported"],
    [{ model_type: "wedlm" }, "WeDLM is not supported"],
    [{ architectures: ["DharaForMaskedDiffusion"] }, "dhara is not supported"],
    [{ model_type: "mdlm" }, "MDLM, BD3LM or SEDD is not supported"],
    [{ architectures: ["BD3LM"] }, "MDLM, BD3LM or SEDD is not supported"],
    [{ architectures: ["ModernBertForMaskedLM"] }, "ModernBERT is not supported"],
  ])("a family that is known and not supported: %j", async (config, message) => {
    await expect(familyOf(config)).rejects.toEqual(failure("unsupported", message));
  });
  test("an 'expert_capacity' of 0 is LLaDA2 as ever", async () => {
    expect(await familyOf({ ...configOf(llada2), expert_capacity: 0 })).toBe("LLaDA2");
  });
});

describe("the head", () => {
  const model = smallOf(sdar);
  const embedding = model.tensors.find(({ name }) => name === "model.embed_tokens.weight")!;
  const rest = model.tensors.filter(({ name }) => name !== "lm_head.weight");
  const head = (data: TestTensor["data"]) => ({ ...embedding, name: "lm_head.weight", data });
  const values = Array.from(embedding.data as ArrayLike<number>);

  test("is the embedding where the checkpoint has none, or the same", async () => {
    const absent = { ...model, tensors: rest };
    const equal = { ...model, tensors: [...rest, head(values)] };
    for (const one of [absent, equal]) {
      expect((await read(one)).model.architecture.tied).toBe(true);
      expect((await read(one)).weights.map(({ symbol }) => symbol)).not.toContain("head");
    }
    expect(await logitsOf(equal)).toEqual(await logitsOf(absent));
  });
  test("is its own where it differs in its last element alone, whatever 'tie_word_embeddings' says", async () => {
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
  ])("is refused where two files disagree: %j", async (change, names, ids) => {
    const config = { ...model.config, mask_token_id: 43 };
    const reading = read({ ...model, config, ...change });
    await expect(reading).rejects.toEqual(failure("invalid-file", names));
    await expect(reading).rejects.toEqual(failure("invalid-file", ids));
  });
  test("is none that the tokenizer lacks, nor one outside the vocabulary", async () => {
    const lacking = read({ ...model, special: special.slice(0, 3) });
    await expect(lacking).rejects.toEqual(failure("invalid-file", "no mask token: expected one with id 48"));
    const outside = read({ ...model, config: { ...model.config, mask_token_id: 50 } });
    await expect(outside).rejects.toEqual(failure("invalid-file", "mask token must be below"));
  });
  test("of a causal model is the highest id without a text", async () => {
    const causal = smallOf(qwen3);
    const config = without(causal.config, "mask_token_id");
    expect((await read({ ...causal, config, special })).model.maskToken).toBe(49);
    const full = { ...causal, config: { ...config, vocab_size: 48 }, special: special.slice(0, 8) };
    await expect(read(full)).rejects.toEqual(failure("invalid-file", "each of its 48 tokens has a text"));
  });
});

test("stop tokens are those of all files and the end of a turn; the pad token is not one of them", async () => {
  const model = smallOf(sdar);
  const special = ["<a>", "<|im_end|>", "<b>", "<c>", "<d>", "<e>", "<f>", "<g>", "<|MASK|>"];
  const { model: found } = await read({
    ...model,
    ...{ config: { ...model.config, eos_token_id: [47, 45], pad_token_id: 46 }, special },
    ...{ generation: { eos_token_id: [45, 44] }, tokenizerConfig: { eos_token: "<b>" } },
  });
  expect(found.stopTokens).toEqual([47, 45, 44, 42, 41]);
  expect(found.padToken).toBe(46);
});

test("an expert bias in f32 keeps all of its bits", async () => {
  const model = smallOf(llada2);
  // Scores are equal, so that the bias alone decides; in bf16 both of these would be 1, and the lowest expert win.
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
  test("that nothing reads are refused", async () => {
    const model = smallOf(sdar);
    const reading = read({ ...model, tensors: [...model.tensors, extra("model.layers.0.extra.weight")] });
    await expect(reading).rejects.toEqual(
      failure("invalid-weights", "no place for 'model.layers.0.extra.weight'"),
    );
  });
  test("of rotary frequencies are not: they are computed", async () => {
    const model = smallOf(sdar);
    const stored = extra("model.layers.0.self_attn.rotary_emb.inv_freq");
    const { weights } = await read({ ...model, tensors: [...model.tensors, stored] });
    expect(weights.length).toBeGreaterThan(0);
  });
  test("that are missing are named", async () => {
    const model = smallOf(sdar);
    const reading = read({ ...model, tensors: model.tensors.filter(({ name }) => !name.includes("k_norm")) });
    await expect(reading).rejects.toEqual(
      failure("invalid-weights", "'model.layers.0.self_attn.k_norm.weight' is"),
    );
  });
});

test.each([
  [qwen2, { rope_scaling: { rope_type: "yarn" } }, "'rope_scaling' in config.json must be absent"],
  [
    qwen2,
    { rope_parameters: { rope_type: "yarn" } },
    "'rope_type' in config.json, 'rope_parameters' must be",
  ],
  [qwen2, { use_sliding_window: true }, "'use_sliding_window' in config.json must be false"],
  [qwen3, { layer_types: ["full_attention", "sliding_attention"] }, "'layer_types' in config.json must be"],
  [qwen3, { attention_bias: true }, "'attention_bias' in config.json must be false"],
  [qwen3, { hidden_act: "gelu" }, "'hidden_act' in config.json must be"],
  [llada2, { num_shared_experts: 2 }, "'num_shared_experts' in config.json must be 0 or 1: found 2"],
  [llada2, { score_function: "softmax" }, "'score_function' in config.json must be"],
  [llada2, { use_qk_norm: false }, "'use_qk_norm' in config.json must be true"],
  [
    "radicalnumerics/RND1-Base-0910",
    { norm_topk_prob: false },
    "'norm_topk_prob' in config.json must be true",
  ],
])("%s with %j is refused", async (id, change, message) => {
  await expect(familyOf({ ...configOf(id), ...change })).rejects.toEqual(failure("unsupported", message));
});

test.each([
  [qwen3, { num_key_value_heads: 3 }, "shares 3 key heads among 4 heads"],
  [qwen3, { head_dim: 7 }, "rotates 7 of the 7 elements of a head"],
  [llada2, { rotary_dim: 10 }, "rotates 10 of the 8 elements of a head"],
  [llada2, { n_group: 3 }, "takes 2 of 3 groups of 8 experts"],
  [llada2, { topk_group: 1, num_experts_per_tok: 3 }, "asks for 3 experts a token of 1 groups"],
  [sdarMoe, { num_experts_per_tok: 9 }, "asks for 9 experts a token of 8"],
  [sdar, { block_size: 0 }, "no valid 'block_size'"],
])("%s with %j cannot be", async (id, change, message) => {
  await expect(familyOf({ ...configOf(id), ...change })).rejects.toEqual(failure("invalid-file", message));
});

test("SDAR-MoE's dense layers are those of 'mlp_only_layers' and between 'decoder_sparse_step'; RND1 has none", async () => {
  const kindsOf = async (id: string, change: Config) => {
    const config = { ...configOf(id), num_hidden_layers: 6, ...change };
    const model = await readModel({ config, tensors: new Set(), same: async () => false });
    return model.architecture.feedForward.map(({ kind }) => kind[0]).join("");
  };
  const sparse = { decoder_sparse_step: 2, mlp_only_layers: [3] };
  expect(await kindsOf(sdarMoe, {})).toBe("eeeeee");
  expect(await kindsOf(sdarMoe, sparse)).toBe("deddde");
  expect(await kindsOf("radicalnumerics/RND1-Base-0910", sparse)).toBe("eeeeee");
});

test("rotary positions may be in 'rope_parameters'", async () => {
  const theta = async (config: Config) =>
    (await readModel({ config, tensors: new Set(), same: async () => false })).architecture.ropeTheta;
  const config = without(configOf(qwen3), "rope_theta");
  expect(await theta({ ...config, rope_parameters: { rope_type: "default", rope_theta: 5000 } })).toBe(5000);
});
