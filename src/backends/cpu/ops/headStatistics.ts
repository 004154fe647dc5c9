import {
  emptyRows,
  emptyTop,
  type HeadRequest,
  type NodeOf,
  type RowStatistics,
} from "../../../core/tensor/index.ts";
import { divergence } from "../divergence.ts";
import type { CpuSlot, Kernel, Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";
import { softmax } from "../softmax.ts";
import { exclude, rowStatistics } from "../statistics.ts";

/** Rows whose logits are held at a time. */
const chunk = 16;

/** The head, a few rows at a time, and the statistics of each; a row's bits do not depend on its chunk. */
export function headStatistics(node: NodeOf<"headStatistics">, memory: Memory): Kernel {
  const { vocabulary } = node.attributes;
  const hidden = memory.f32(node.inputs.hidden!);
  const weight = memory.f32(node.inputs.weight!);
  const embedding = memory.f32(node.inputs.embedding!);
  const mixture = memory.f32(node.outputs.mixture);
  const width = weight.length / vocabulary;
  const logits = new Float32Array(chunk * vocabulary);
  const probabilities = new Float64Array(vocabulary);
  const earlierLogits = new Float32Array(vocabulary);

  const answer = (request: HeadRequest, { kept }: CpuSlot, firstRow: number): RowStatistics => {
    const count = request.positions.length;
    const gathered = request.gather?.map((tokens) => new Float32Array(tokens.length));
    const all = request.logits ? new Float32Array(count * vocabulary) : undefined;
    const divergences = request.divergence ? new Float32Array(count) : undefined;
    const top = request.top === undefined ? undefined : emptyTop(count, request.top);
    const out = { ...emptyRows(count), gathered, divergence: divergences, logits: all, top };
    for (let start = 0; start < count; start += chunk) {
      const rows = Math.min(chunk, count - start);
      const x = hidden.subarray((firstRow + start) * width, (firstRow + start + rows) * width);
      product(logits, vocabulary, 0, x, weight, 0, vocabulary, width, allRows(rows));
      for (let i = 0; i < rows; i++) {
        const row = start + i;
        const l = logits.subarray(i * vocabulary, (i + 1) * vocabulary);
        all?.set(l, row * vocabulary);
        rowStatistics(l, request, row, out);
        gathered?.[row]?.set(request.gather![row]!.map((token) => l[token]!));
        if (divergences) {
          const position = request.positions[row]!;
          const before = kept.get(position);
          const comparable = before?.step === request.step - 1;
          divergences[row] = comparable ? divergenceFrom(l, before.hidden, request, row) : Infinity;
          kept.set(position, { hidden: x.slice(i * width, (i + 1) * width), step: request.step });
        }
        if (request.mixture !== undefined) {
          softmax(l, probabilities);
          if (request.mixture !== "exact") keepBest(probabilities, request.mixture);
          const at = (firstRow + row) * width;
          mix(probabilities, embedding, mixture.subarray(at, at + width));
        }
      }
    }
    return out;
  };

  /** How far logits of a row are from those of an earlier hidden state; what may not stand there has no share in either. */
  const divergenceFrom = (
    l: Float32Array,
    before: Float32Array,
    request: HeadRequest,
    row: number,
  ): number => {
    product(earlierLogits, vocabulary, 0, before, weight, 0, vocabulary, width, allRows(1));
    exclude(earlierLogits, request, row);
    return divergence(l, earlierLogits);
  };

  return (pass) => {
    let firstRow = 0;
    for (const request of pass.head) {
      pass.statistics.push(answer(request, pass.spans[request.span]!.memory, firstRow));
      firstRow += request.positions.length;
    }
  };
}

/** Zeroes all but the `count` largest probabilities (lowest index on ties) and scales these to sum to 1. */
function keepBest(probabilities: Float64Array, count: number): void {
  const order = Array.from(probabilities.keys()).sort(
    (a, b) => probabilities[b]! - probabilities[a]! || a - b,
  );
  const kept = order.slice(0, count).map((token) => [token, probabilities[token]!] as const);
  const total = kept.reduce((sum, [, probability]) => sum + probability, 0);
  probabilities.fill(0);
  for (const [token, probability] of kept) probabilities[token] = probability / total;
}

/** out = the sum over tokens of probability * embedding row. */
function mix(probabilities: Float64Array, embedding: Float32Array, out: Float32Array): void {
  const width = out.length;
  const sums = new Float64Array(width);
  for (let token = 0; token < probabilities.length; token++) {
    const probability = probabilities[token]!;
    if (probability === 0) continue;
    const at = token * width;
    for (let k = 0; k < width; k++) sums[k]! += probability * embedding[at + k]!;
  }
  out.set(sums);
}
