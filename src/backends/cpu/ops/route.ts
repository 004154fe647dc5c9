import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { Router } from "../../host/routing.ts";
import { rmsNormRows } from "../norm.ts";
import type { Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";

export function route(node: NodeOf<"route">, memory: Memory): Kernel {
  const { experts, topK, shared, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const x = memory.f32(inputs.x!);
  const norm = memory.f32(inputs.norm!);
  const weight = memory.matrix(inputs.router!);
  const router = new Router(node, memory.optionalF32(inputs.bias));
  const normed = memory.f32(outputs.normed);
  const topkIds = memory.u32(outputs.topkIds);
  const topkWeights = memory.f32(outputs.topkWeights);
  const hidden = norm.length;
  const logits = new Float32Array(experts);
  return ({ tokens }) => {
    rmsNormRows(x, norm, normed, tokens, hidden, epsilon);
    for (let token = 0; token < tokens; token++) {
      const row = normed.subarray(token * hidden, (token + 1) * hidden);
      product(logits, experts, row, weight, 0, experts, allRows(1));
      router.choose(logits, topkIds, topkWeights, token * (topK + shared));
    }
  };
}
