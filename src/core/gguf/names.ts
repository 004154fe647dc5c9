/** Tensor names in GGUF files, which all architectures of llama.cpp share. Experts of a layer are one tensor a projection. */
import type { TensorNames } from "../model/index.ts";

/** @param interleavedHeads whether the rows of queries and keys are permuted: in the architectures llama and llada */
export function ggufNames(interleavedHeads: boolean): TensorNames {
  return {
    embedding: "token_embd.weight",
    finalNorm: "output_norm.weight",
    head: "output.weight",
    interleavedHeads,
    layer: (index) => {
      const at = (name: string) => `blk.${index}.${name}`;
      return {
        attentionNorm: at("attn_norm.weight"),
        query: at("attn_q.weight"),
        key: at("attn_k.weight"),
        value: at("attn_v.weight"),
        queryBias: at("attn_q.bias"),
        keyBias: at("attn_k.bias"),
        valueBias: at("attn_v.bias"),
        queryNorm: at("attn_q_norm.weight"),
        keyNorm: at("attn_k_norm.weight"),
        output: at("attn_output.weight"),
        feedForwardNorm: at("ffn_norm.weight"),
        gate: at("ffn_gate.weight"),
        up: at("ffn_up.weight"),
        down: at("ffn_down.weight"),
        router: at("ffn_gate_inp.weight"),
        routerBias: at("exp_probs_b.bias"),
        expertStacks: {
          gate: at("ffn_gate_exps.weight"),
          up: at("ffn_up_exps.weight"),
          down: at("ffn_down_exps.weight"),
        },
      };
    },
  };
}
