import { bug } from "../../../core/error.ts";
import type { NodeOf } from "../../../core/tensor/index.ts";
import { rmsNormRows } from "../norm.ts";
import type { Kernel, Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";
import { softmax } from "../softmax.ts";

/** Scores of all experts, then the topK best among the best groups; the lowest index wins ties. */
export function route(node: NodeOf<"route">, memory: Memory): Kernel {
  const { experts, topK, score, groups, topGroups, normalize, scale, shared, epsilon } = node.attributes;
  if (experts % groups !== 0)
    throw bug(`Node '${node.name}' divides ${experts} experts into ${groups} groups`);
  const { inputs, outputs } = node;
  const x = memory.f32(inputs.x!);
  const norm = memory.f32(inputs.norm!);
  const router = memory.matrix(inputs.router!);
  const bias = memory.optionalF32(inputs.bias);
  const normed = memory.f32(outputs.normed);
  const topkIds = memory.u32(outputs.topkIds);
  const topkWeights = memory.f32(outputs.topkWeights);
  const hidden = norm.length;
  const ranks = topK + shared;
  const scores = new Float32Array(experts);
  /** The scores with the bias, if any, which decide the choice. */
  const biased = new Float32Array(experts);
  return ({ tokens }) => {
    rmsNormRows(x, norm, normed, tokens, hidden, epsilon);
    for (let token = 0; token < tokens; token++) {
      const row = normed.subarray(token * hidden, (token + 1) * hidden);
      product(scores, experts, row, router, 0, experts, one);
      if (score === "softmax") softmax(scores, scores);
      else for (let e = 0; e < experts; e++) scores[e] = 1 / (1 + Math.exp(-scores[e]!));
      for (let e = 0; e < experts; e++) biased[e] = scores[e]! + (bias?.[e] ?? 0);
      if (score === "softmax") scores.set(biased);
      maskGroups(biased, groups, topGroups);
      let total = 0;
      for (let rank = 0; rank < topK; rank++) {
        const best = highest(biased);
        topkIds[token * ranks + rank] = best;
        topkWeights[token * ranks + rank] = scores[best]!;
        total += scores[best]!;
        biased[best] = -Infinity;
      }
      const factor = normalize ? scale / (total + smallest) : scale;
      for (let rank = 0; rank < topK; rank++) topkWeights[token * ranks + rank]! *= factor;
      if (shared) {
        topkIds[token * ranks + topK] = experts;
        topkWeights[token * ranks + topK] = 1;
      }
    }
  };
}

const one = allRows(1);
/** Prevents a division by 0 where all sigmoids are 0, as in the reference. */
const smallest = 1e-20;

function highest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Minus infinity for the experts outside the best groups. The score of a group is the sum of its two best experts. */
function maskGroups(scores: Float32Array, groups: number, kept: number): void {
  if (kept === groups) return;
  const size = scores.length / groups;
  const groupScores = Float32Array.from({ length: groups }, (_, group) => {
    const [first, second = 0] = scores.slice(group * size, (group + 1) * size).sort((a, b) => b - a);
    return first! + second;
  });
  const left = new Set(groupScores.keys());
  for (let rank = 0; rank < kept; rank++) {
    const best = highest(groupScores);
    left.delete(best);
    groupScores[best] = -Infinity;
  }
  for (const group of left) scores.fill(-Infinity, group * size, (group + 1) * size);
}
