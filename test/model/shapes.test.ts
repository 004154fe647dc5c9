/** Refused configurations, and the layers that a configuration describes. */
import { expect, test } from "vitest";
import type { Config } from "../support/layouts.ts";
import { failure } from "../support/loopback.ts";
import { configOf, familyOf, ids, modelOf, without } from "../support/smallModels.ts";

const { llada, lladaMoe, llada2, sdar, sdarMoe, qwen2, qwen3, llama, rnd1 } = ids;

test.each([
  [qwen2, { use_sliding_window: true }, "'use_sliding_window' in config.json must be false"],
  [qwen3, { layer_types: ["full_attention", "sliding_attention"] }, "'layer_types' in config.json must be"],
  [qwen3, { attention_bias: true }, "'attention_bias' in config.json must be false"],
  [qwen3, { hidden_act: "gelu" }, "'hidden_act' in config.json must be"],
  [qwen2, { use_mrope: true }, "'use_mrope' in config.json must be false"],
  [llama, { rope_interleaved: true }, "'rope_interleaved' in config.json must be false"],
  [llama, { mlp_bias: true }, "'mlp_bias' in config.json must be false"],
  [
    llama,
    { quantization_config: { quant_method: "awq" } },
    "'quantization_config' in config.json must be absent",
  ],
  [sdar, { quantization: { bits: 4 } }, "'quantization' in config.json must be absent"],
  [llada, { rope: null }, "'rope' in config.json must be true: found undefined"],
  [llada, { block_type: null }, `'block_type' in config.json must be "llama"`],
  [llada, { layer_norm_type: "default" }, `'layer_norm_type' in config.json must be "rms"`],
  [llada, { activation_type: "swiglu" }, `'activation_type' in config.json must be "silu"`],
  [llada, { alibi: true }, "'alibi' in config.json must be false"],
  [llada, { scale_logits: true }, "'scale_logits' in config.json must be false"],
  [llada, { block_group_size: 2 }, "'block_group_size' in config.json must be 1"],
  [lladaMoe, { routed_scaling_factor: 2.5 }, "'routed_scaling_factor' in config.json must be 1"],
  [lladaMoe, { moe_router_score_function: "sigmoid" }, "'moe_router_score_function' in config.json must be"],
  [lladaMoe, { router_num_group: 8 }, "'router_num_group' in config.json must be 0 or 1"],
  [
    lladaMoe,
    { shared_expert_intermediate_size: 64 },
    "'shared_expert_intermediate_size' in config.json must be 0",
  ],
  [
    sdarMoe,
    { shared_expert_intermediate_size: 64 },
    "'shared_expert_intermediate_size' in config.json must be 0",
  ],
  [llada2, { norm_topk_prob: false }, "'norm_topk_prob' in config.json must be true"],
  [llada2, { use_rmsnorm: false }, "'use_rmsnorm' in config.json must be true"],
  [llada2, { norm_softmax: true }, "'norm_softmax' in config.json must be false"],
  [llada2, { num_shared_experts: 2 }, "'num_shared_experts' in config.json must be 0 or 1: found 2"],
  [llada2, { score_function: "softmax" }, "'score_function' in config.json must be"],
  [llada2, { rotary_dim: 6 }, "'rotary_dim' in config.json must be 4: found 6"],
  [llada2, { norm_head: true }, "'norm_head' in config.json must be false"],
  [llada2, { use_qk_norm: false }, "'use_qk_norm' in config.json must be true"],
  [rnd1, { norm_topk_prob: false }, "'norm_topk_prob' in config.json must be true"],
])("%s with %j is refused", async (id, change, message) => {
  await expect(familyOf({ ...configOf(id), ...change })).rejects.toEqual(failure("unsupported", message));
});

test.each([
  [qwen3, { num_key_value_heads: 3 }, "divisible by its key heads: found 4 and 3"],
  [qwen3, { head_dim: 7 }, "an even number of the 7 elements of a head: found 7"],
  [
    llada2,
    { partial_rotary_factor: 0.3, rotary_dim: null },
    "an even number of the 8 elements of a head: found 2.4",
  ],
  [
    llada2,
    { partial_rotary_factor: 1.5, rotary_dim: null },
    "an even number of the 8 elements of a head: found 12",
  ],
  [llada2, { n_group: 3 }, "'topk_group' up to 'n_group': found 8, 3 and 2"],
  [
    llada2,
    { topk_group: 1, num_experts_per_tok: 3 },
    "up to the 2 experts of its 'topk_group' groups: found 3",
  ],
  [sdarMoe, { num_experts_per_tok: 9 }, "up to 'num_experts': found 9 and 8"],
  [sdar, { block_size: 0 }, "no valid 'block_size'"],
])("%s with %j is invalid", async (id, change, message) => {
  await expect(familyOf({ ...configOf(id), ...change })).rejects.toEqual(failure("invalid-file", message));
});

test("SDAR-MoE has dense layers by 'mlp_only_layers' and 'decoder_sparse_step', and RND1 has none", async () => {
  const kindsOf = async (id: string, change: Config) => {
    const config = { ...configOf(id), num_hidden_layers: 6, ...change };
    const model = await modelOf(config);
    return model.architecture.feedForward.map(({ kind }) => kind[0]).join("");
  };
  const sparse = { decoder_sparse_step: 2, mlp_only_layers: [3] };
  expect(await kindsOf(sdarMoe, {})).toBe("eeeeee");
  expect(await kindsOf(sdarMoe, sparse)).toBe("deddde");
  expect(await kindsOf(rnd1, sparse)).toBe("eeeeee");
});

test.each([
  [llada2, "n_group"],
  [llada2, "topk_group"],
  [llada2, "routed_scaling_factor"],
  [llada2, "rms_norm_eps"],
  [llada2, "rope_theta"],
  [llada2, "num_shared_experts"],
  [llada2, "first_k_dense_replace"],
  [llada2, "num_key_value_heads"],
  [lladaMoe, "qk_layernorm"],
  [lladaMoe, "rms_norm_eps"],
  [lladaMoe, "rope_theta"],
  [lladaMoe, "max_position_embeddings"],
  [sdar, "num_key_value_heads"],
])("%s must have '%s'", async (id, field) => {
  const reading = familyOf(without(configOf(id), field));
  await expect(reading).rejects.toEqual(failure("invalid-file", `lacks '${field}'`));
});

test("LLaDA2 must have the rotated part of a head, in one of two fields", async () => {
  const config = without(configOf(llada2), "partial_rotary_factor", "rotary_dim");
  await expect(familyOf(config)).rejects.toEqual(failure("invalid-file", "lacks 'partial_rotary_factor'"));
  for (const field of [{ partial_rotary_factor: 0.5 }, { rotary_dim: 4 }])
    expect((await modelOf({ ...config, ...field })).architecture.rotaryDimension).toBe(4);
});

test("LLaDA2 renormalises the weights of several experts, but not of a single one", async () => {
  const normalize = async (change: Config) => {
    const { feedForward } = (await modelOf({ ...configOf(llada2), ...change })).architecture;
    const layer = feedForward.at(-1)!;
    return layer.kind === "experts" && layer.routing.normalize;
  };
  expect(await normalize({})).toBe(true);
  expect(await normalize({ num_experts_per_tok: 1 })).toBe(false);
});

test("causal Llama has the defaults of its configuration class", async () => {
  const config = without(configOf(llama), "num_key_value_heads", "rms_norm_eps", "rope_theta");
  const { architecture } = await modelOf(config);
  expect(architecture).toMatchObject({ kvHeads: 4, epsilon: 1e-6, ropeTheta: 10000, rotaryDimension: 6 });
});
