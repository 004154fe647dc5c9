/** The experts of a token, from the logits of its router. */
import { bug } from "../../core/error.ts";
import type { NodeOf } from "../../core/tensor/index.ts";
import { softmax } from "./softmax.ts";

/** Prevents a division by 0 where all sigmoids are 0, as in the reference. */
const smallest = 1e-20;

export class Router {
  readonly #attributes: NodeOf<"route">["attributes"];
  readonly #bias: Float32Array | undefined;
  readonly #scores: Float32Array;
  /** The scores with the bias, if any, which decide the choice. */
  readonly #biased: Float32Array;

  /** @throws DiffusionError `internal` if the experts do not form groups of equal size */
  constructor({ name, attributes }: NodeOf<"route">, bias: Float32Array | undefined) {
    const { experts, groups } = attributes;
    if (experts % groups !== 0) throw bug(`Node '${name}' divides ${experts} experts into ${groups} groups`);
    this.#attributes = attributes;
    this.#bias = bias;
    this.#scores = new Float32Array(experts);
    this.#biased = new Float32Array(experts);
  }

  /**
   * Writes a token's experts and their weights: the topK best among the best groups (the lowest index wins ties), then the
   * shared one.
   * @param at index of the token's first entry in `ids` and `weights`
   */
  choose(logits: Float32Array, ids: Uint32Array, weights: Float32Array, at: number): void {
    const { experts, topK, score, groups, topGroups, normalize, scale, shared } = this.#attributes;
    const scores = this.#scores;
    const biased = this.#biased;
    if (score === "softmax") softmax(logits, scores);
    else for (let e = 0; e < experts; e++) scores[e] = 1 / (1 + Math.exp(-logits[e]!));
    for (let e = 0; e < experts; e++) biased[e] = scores[e]! + (this.#bias?.[e] ?? 0);
    if (score === "softmax") scores.set(biased);
    maskGroups(biased, groups, topGroups);
    let total = 0;
    for (let rank = 0; rank < topK; rank++) {
      const best = highest(biased);
      ids[at + rank] = best;
      weights[at + rank] = scores[best]!;
      total += scores[best]!;
      biased[best] = -Infinity;
    }
    const factor = normalize ? scale / (total + smallest) : scale;
    for (let rank = 0; rank < topK; rank++) weights[at + rank]! *= factor;
    if (shared) {
      ids[at + topK] = experts;
      weights[at + topK] = 1;
    }
  }
}

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
