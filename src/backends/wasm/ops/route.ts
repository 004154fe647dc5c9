import type { NodeOf } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { Router } from "../../host/routing.ts";
import { tileRows } from "../passLists.ts";
import type { Workspace } from "../workspace.ts";

/** The logits of the experts by kernels; the choice among so few numbers on the host. */
export function route(node: NodeOf<"route">, workspace: Workspace): Kernel {
  const { memory, kernels, buffers, lists, products, tensors } = workspace;
  const { experts, topK, shared, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const x = tensors.address(inputs.x!);
  const norm = tensors.address(inputs.norm!);
  const weight = tensors.matrix(inputs.router!);
  const bias = tensors.optional(inputs.bias);
  const normed = tensors.address(outputs.normed);
  const hidden = tensors.width(outputs.normed);
  const topkIds = tensors.address(outputs.topkIds);
  const topkWeights = tensors.address(outputs.topkWeights);
  const ranks = topK + shared;
  const capacity = tensors.elements(outputs.normed) / hidden;
  products.reserve(Math.ceil(capacity / tileRows), weight);
  const logits = buffers.reserve("logits of experts", 4 * capacity * experts);
  let router: Router | undefined;
  return (pass) => {
    router ??= new Router(node, bias === 0 ? undefined : memory.f32(bias, experts).slice());
    const { tokens } = pass;
    kernels.norm({ x, weight: norm, out: normed, rows: tokens, width: hidden, epsilon });
    const target = { out: logits.address, width: experts };
    products.run({ kind: "plain", x: normed }, weight, target, lists.all(tokens));
    const values = memory.f32(logits.address, tokens * experts);
    const ids = memory.u32(topkIds, tokens * ranks);
    const weights = memory.f32(topkWeights, tokens * ranks);
    for (let token = 0; token < tokens; token++) {
      router.choose(values.subarray(token * experts, (token + 1) * experts), ids, weights, token * ranks);
    }
  };
}
