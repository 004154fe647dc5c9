import {
  gatheredLogits,
  type HeadRequest,
  type NodeOf,
  type RequestRows,
  rowsOf,
} from "../../../core/tensor/index.ts";
import { divergence } from "../../host/divergence.ts";
import type { HostSlot, Kernel } from "../../host/pass.ts";
import { softmax } from "../../host/softmax.ts";
import { exclude, rowStatistics } from "../../host/statistics.ts";
import type { Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";
import type { WeightRows } from "../weightRows.ts";

/** Rows whose logits are held at a time. */
const chunk = 16;

/** The head for a few rows at a time, and the statistics of each row. The bits of a row do not depend on its chunk. */
export function headStatistics(node: NodeOf<"headStatistics">, memory: Memory): Kernel {
  const { vocabulary } = node.attributes;
  const hidden = memory.f32(node.inputs.hidden!);
  const weight = memory.matrix(node.inputs.weight!);
  const embedding = memory.matrix(node.inputs.embedding!);
  const mixture = memory.f32(node.outputs.mixture);
  const width = weight.columns;
  const logits = new Float32Array(chunk * vocabulary);
  const probabilities = new Float64Array(vocabulary);
  const earlierLogits = new Float32Array(vocabulary);

  /** Computes the statistics of a request's rows. */
  const answer = (request: HeadRequest, { kept }: HostSlot, out: RequestRows): void => {
    const { statistics, firstRow } = out;
    const count = request.positions.length;
    for (let start = 0; start < count; start += chunk) {
      const rows = Math.min(chunk, count - start);
      const x = hidden.subarray((firstRow + start) * width, (firstRow + start + rows) * width);
      product(logits, vocabulary, x, weight, 0, vocabulary, allRows(rows));
      for (let i = 0; i < rows; i++) {
        const index = start + i;
        const row = firstRow + index;
        const l = logits.subarray(i * vocabulary, (i + 1) * vocabulary);
        if (request.logits) statistics.logits!.set(l, row * vocabulary);
        rowStatistics(l, request, index, out);
        const tokens = request.gather?.[index] ?? [];
        if (tokens.length > 0)
          gatheredLogits(statistics.gathered!, row).set(tokens.map((token) => l[token]!));
        if (request.divergence) {
          const position = request.positions[index]!;
          const before = kept.get(position);
          if (before?.step === request.step - 1)
            statistics.divergence![row] = divergenceFrom(l, before.hidden, request, index);
          kept.set(position, { hidden: x.slice(i * width, (i + 1) * width), step: request.step });
        }
        if (request.mixture !== undefined) {
          softmax(l, probabilities);
          if (request.mixture !== "exact") keepBest(probabilities, request.mixture);
          const at = row * width;
          mix(probabilities, embedding, mixture.subarray(at, at + width));
        }
      }
    }
  };

  /** KL divergence of a row's logits from those of an earlier hidden state; excluded tokens have no share in either. */
  const divergenceFrom = (
    l: Float32Array,
    before: Float32Array,
    request: HeadRequest,
    index: number,
  ): number => {
    product(earlierLogits, vocabulary, before, weight, 0, vocabulary, allRows(1));
    exclude(earlierLogits, request, index);
    return divergence(l, earlierLogits);
  };

  return (pass) => {
    if (pass.head.some((request) => request.logits)) {
      pass.statistics = { ...pass.statistics, logits: new Float32Array(pass.rows * vocabulary) };
    }
    const { statistics } = pass;
    for (const [index, request] of pass.head.entries()) {
      answer(request, pass.spans[request.span]!.memory, rowsOf(statistics, index));
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
function mix(probabilities: Float64Array, embedding: WeightRows, out: Float32Array): void {
  const width = out.length;
  const sums = new Float64Array(width);
  for (let token = 0; token < probabilities.length; token++) {
    const probability = probabilities[token]!;
    if (probability === 0) continue;
    const { data, at } = embedding.read(token, token + 1);
    for (let k = 0; k < width; k++) sums[k]! += probability * data[at + k]!;
  }
  out.set(sums);
}
