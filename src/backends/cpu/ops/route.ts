import type { NodeOf } from "../../../core/tensor/index.ts";
import { rmsNormRows } from "../norm.ts";
import type { Kernel, Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";
import { softmax } from "../softmax.ts";

/** Softmax over all experts, then the topK best; the lowest index wins ties. */
export function route(node: NodeOf<"route">, memory: Memory): Kernel {
  const { experts, topK, normalize, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const x = memory.f32(inputs.x!);
  const norm = memory.f32(inputs.norm!);
  const router = memory.f32(inputs.router!);
  const bias = memory.optionalF32(inputs.bias);
  const normed = memory.f32(outputs.normed);
  const chosen = memory.u32(outputs.experts);
  const weights = memory.f32(outputs.weights);
  const hidden = norm.length;
  const scores = new Float32Array(experts);
  return ({ tokens }) => {
    rmsNormRows(x, norm, normed, tokens, hidden, epsilon);
    for (let token = 0; token < tokens; token++) {
      const row = normed.subarray(token * hidden, (token + 1) * hidden);
      product(scores, experts, 0, row, router, 0, experts, hidden, one);
      softmax(scores, scores);
      if (bias) for (let e = 0; e < experts; e++) scores[e]! += bias[e]!;
      let total = 0;
      for (let rank = 0; rank < topK; rank++) {
        let best = 0;
        for (let e = 1; e < experts; e++) if (scores[e]! > scores[best]!) best = e;
        chosen[token * topK + rank] = best;
        weights[token * topK + rank] = scores[best]!;
        total += scores[best]!;
        scores[best] = -Infinity;
      }
      if (normalize) for (let rank = 0; rank < topK; rank++) weights[token * topK + rank]! /= total;
    }
  };
}

const one = allRows(1);
