/** Rounded counts, so that few lists of launches serve all passes and each is captured once. */
import { bucketOf, tokenBuckets } from "../../core/tensor/index.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";

const capacities = tokenBuckets(2 ** 30);
const rounded = (count: number) => (count === 0 ? 0 : bucketOf(capacities, count));

/** Counts of at least these. Kernels leave a workgroup that the step does not need. */
export function bucketCounts(counts: PassCounts): PassCounts {
  const { tokens, rows, requests, attentionTiles, pairs, couplings } = counts;
  return {
    ...counts,
    tokens: rounded(tokens),
    rows: rounded(rows),
    requests: powerOfTwo(requests),
    attentionTiles: powerOfTwo(attentionTiles),
    pairs: rounded(pairs),
    couplings: rounded(couplings),
  };
}

function powerOfTwo(count: number): number {
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}

/** The same text for the same counts. */
export function countsKey({ device, ...counts }: PassCounts): string {
  const decoders = device && [...device.decoders].sort((a, b) => a - b);
  return JSON.stringify([counts, decoders, device?.gatheredTokens]);
}
