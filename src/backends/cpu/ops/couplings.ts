import { couplingsOf, isCoupled, type NodeOf, visibleKeys } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import type { Memory } from "../pass.ts";

/**
 * Adds the layer's attention among the wanted rows, averaged over heads, to the couplings of the pass. A position's row is the one
 * that predicts it. Each softmax is over all visible keys in f64.
 */
export function couplings(node: NodeOf<"couplings">, memory: Memory): Kernel {
  const { heads, kvHeads, headDimension: width, scale, layer, layers } = node.attributes;
  const query = memory.f32(node.inputs.query!);
  const keys = memory.cache(node.inputs.keys!, "keys");
  const stride = kvHeads * width;
  const weights = new Float64Array(keys.positions);

  return ({ spans, head: requests, statistics }) => {
    for (const [index, { span: spanIndex, positions, shift, couplings: wanted }] of requests.entries()) {
      if (wanted === undefined || !isCoupled({ layer, layers }, wanted)) continue;
      const span = spans[spanIndex]!;
      const { data, at } = keys.read(span.memory.base, span.memory.base + visibleKeys(span, span.end - 1));
      const rows = positions.map((position) => Math.max(0, position - shift));
      const firstRow = statistics.rowStarts[index]!;
      for (const [row, position] of rows.entries()) {
        const visible = visibleKeys(span, position);
        const out = couplingsOf(statistics.couplings!, firstRow + row);
        const means = new Float64Array(rows.length);
        for (let head = 0; head < heads; head++) {
          const from = ((span.row + position - span.start) * heads + head) * width;
          const column = at + Math.floor((head * kvHeads) / heads) * width;
          for (let key = 0; key < visible; key++) {
            let sum = 0;
            for (let k = 0; k < width; k++) sum += query[from + k]! * data[column + key * stride + k]!;
            weights[key] = sum * scale;
          }
          addSoftmax(means, weights, visible, rows);
        }
        for (let other = 0; other < rows.length; other++) out[other]! += means[other]! / (heads * wanted);
      }
    }
  };
}

/** Adds the softmax of the first `visible` scores, at some keys. A key that is not visible has no share. */
function addSoftmax(
  sums: Float64Array,
  scores: Float64Array,
  visible: number,
  keys: readonly number[],
): void {
  let highest = -Infinity;
  for (let key = 0; key < visible; key++) highest = Math.max(highest, scores[key]!);
  let total = 0;
  for (let key = 0; key < visible; key++) total += Math.exp(scores[key]! - highest);
  for (const [index, key] of keys.entries()) {
    if (key < visible) sums[index]! += Math.exp(scores[key]! - highest) / total;
  }
}
