/** What of a configuration is refused, and what its layers come to. */
import { expect, test } from "vitest";
import type { Config } from "../support/layouts.ts";
import { failure } from "../support/loopback.ts";
import { configOf, familyOf, ids, modelOf, without } from "../support/smallModels.ts";

const { llada2, sdar, sdarMoe, qwen2, qwen3, rnd1 } = ids;

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
  [llada2, { rotary_dim: 6 }, "'rotary_dim' in config.json must be 4: found 6"],
  [llada2, { norm_head: true }, "'norm_head' in config.json must be false"],
  [llada2, { use_qk_norm: false }, "'use_qk_norm' in config.json must be true"],
  [rnd1, { norm_topk_prob: false }, "'norm_topk_prob' in config.json must be true"],
])("%s with %j is refused", async (id, change, message) => {
  await expect(familyOf({ ...configOf(id), ...change })).rejects.toEqual(failure("unsupported", message));
});

test.each([
  [qwen3, { num_key_value_heads: 3 }, "shares 3 key heads among 4 heads"],
  [qwen3, { head_dim: 7 }, "rotates 7 of the 7 elements of a head"],
  [llada2, { partial_rotary_factor: 0.3, rotary_dim: null }, "rotates 2.4 of the 8 elements of a head"],
  [llada2, { partial_rotary_factor: 1.5, rotary_dim: null }, "rotates 12 of the 8 elements of a head"],
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
    const model = await modelOf(config);
    return model.architecture.feedForward.map(({ kind }) => kind[0]).join("");
  };
  const sparse = { decoder_sparse_step: 2, mlp_only_layers: [3] };
  expect(await kindsOf(sdarMoe, {})).toBe("eeeeee");
  expect(await kindsOf(sdarMoe, sparse)).toBe("deddde");
  expect(await kindsOf(rnd1, sparse)).toBe("eeeeee");
});

test("rotary positions may be in 'rope_parameters'", async () => {
  const theta = async (config: Config) => (await modelOf(config)).architecture.ropeTheta;
  const config = without(configOf(qwen3), "rope_theta");
  expect(await theta({ ...config, rope_parameters: { rope_type: "default", rope_theta: 5000 } })).toBe(5000);
});
