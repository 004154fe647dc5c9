/** What the ops mean, written as plainly as possible, in f64, over arrays of rows. */
import type { Routing, Span } from "../../../src/core/tensor/index.ts";

export type Rows = readonly (readonly number[])[];

export function toRows(data: ArrayLike<number>, width: number): Rows {
  return Array.from({ length: data.length / width }, (_, row) =>
    Array.from({ length: width }, (_, column) => data[row * width + column]!),
  );
}

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, k) => sum + value * b[k]!, 0);
export const add = (a: readonly number[], b: readonly number[]) => a.map((value, k) => value + b[k]!);
const silu = (value: number) => value / (1 + Math.exp(-value));

export function rmsNorm(
  row: readonly number[],
  weight: readonly number[],
  epsilon: number,
): readonly number[] {
  const mean = dot(row, row) / row.length;
  return row.map((value, k) => (value / Math.sqrt(mean + epsilon)) * weight[k]!);
}

/** weight * row (+ bias) */
export function linear(row: readonly number[], weight: Rows, bias?: readonly number[]): readonly number[] {
  return weight.map((w, n) => dot(row, w) + (bias?.[n] ?? 0));
}

export function softmax(row: readonly number[]): readonly number[] {
  const maximum = Math.max(...row);
  const weights = row.map((value) => Math.exp(value - maximum));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

export function logSumExp(row: readonly number[]): number {
  const maximum = Math.max(...row);
  return maximum + Math.log(row.reduce((sum, value) => sum + Math.exp(value - maximum), 0));
}

/** Gate and up rows stacked, as the Plans have them. */
export function gated(row: readonly number[], gateUp: Rows): readonly number[] {
  const half = gateUp.length / 2;
  const both = linear(row, gateUp);
  return both.slice(0, half).map((gate, k) => silu(gate) * both[half + k]!);
}

/** Rotates the pairs (k, k + half) of one head by position * theta^(-2k / rotary). */
export function rotate(
  head: readonly number[],
  position: number,
  rotary: number,
  theta: number,
): readonly number[] {
  const half = rotary / 2;
  return head.map((value, index) => {
    if (index >= rotary) return value;
    const k = index % half;
    const angle = position * theta ** ((-2 * k) / rotary);
    const other = index < half ? -head[index + half]! : head[index - half]!;
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
}

/** Whether a query sees a key, straight from the definition of a span's mask. Both are positions of the slot. */
export function sees(span: Span, query: number, key: number): boolean {
  const { branchOf, start, end } = span;
  if (branchOf !== undefined) {
    // As the twin sees it in a sequence that has the branch's keys in place of its own.
    const isTwin = key >= branchOf && key < branchOf + end - start;
    const inSequence = (position: number) => (position >= start ? position - start + branchOf : position);
    const { branchOf: _, ...alone } = span;
    const isOwn = key >= start && key < end;
    return !isTwin && (isOwn || key < span.visible) && sees(alone, inSequence(query), inSequence(key));
  }
  if (key >= span.visible) return false;
  if (span.shadowOf !== undefined && key - span.shadowOf === query - span.start) return false;
  if (span.maskBlock === Infinity) return true;
  const blockOf = (position: number) => Math.floor((position - span.origin) / span.maskBlock);
  return blockOf(key) <= blockOf(query);
}

/** One query head over the keys that it sees. */
export function attend(query: readonly number[], keys: Rows, values: Rows, scale: number): readonly number[] {
  const weights = softmax(keys.map((key) => scale * dot(query, key)));
  return values[0]!.map((_, k) => values.reduce((sum, value, index) => sum + weights[index]! * value[k]!, 0));
}

/** The topK largest, lowest index on ties, best first. */
export function topK(scores: readonly number[], count: number): readonly number[] {
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, count);
}

/** Experts and their weights, best first and the shared one last, straight from what `route` promises. */
export function routed(
  logits: readonly number[],
  bias: readonly number[] | undefined,
  count: number,
  routing: Routing,
): readonly (readonly [expert: number, weight: number])[] {
  const { score, groups, topGroups, normalize, scale, shared } = routing;
  const plain = score === "softmax" ? softmax(logits) : logits.map((logit) => 1 / (1 + Math.exp(-logit)));
  const biased = bias ? add(plain, bias) : plain;
  const weights = score === "softmax" ? biased : plain;
  const size = logits.length / groups;
  const groupScores = Array.from({ length: groups }, (_, group) => {
    const members = biased.slice(group * size, (group + 1) * size);
    return topK(members, 2).reduce((sum, member) => sum + members[member]!, 0);
  });
  const open = topK(groupScores, topGroups);
  const chosen = topK(biased, logits.length)
    .filter((expert) => open.includes(Math.floor(expert / size)))
    .slice(0, count);
  const total = normalize ? chosen.reduce((sum, expert) => sum + weights[expert]!, 0) : 1;
  const own = chosen.map((expert) => [expert, (weights[expert]! * scale) / total] as const);
  return shared ? [...own, [logits.length, 1]] : own;
}
