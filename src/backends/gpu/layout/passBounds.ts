/**
 * The most that each pass of a submission may come to. The device chooses the passes, and its kernels leave a workgroup
 * that a step does not need; the host decides how many are started, and so it must assume the largest pass that each row
 * can have reached.
 */
import type { DevicePass, DeviceRow } from "../../../core/tensor/index.ts";
import { gatheredTokens } from "../deviceDecoders.ts";
import { candidateWordsOf } from "./candidates.ts";
import type { PassCounts } from "./descriptor.ts";
import { longestBlock } from "./report.ts";
import { isFiltered } from "./requests.ts";
import type { PlacedRow } from "./submission.ts";

export type BoundedRow = Pick<PlacedRow, "row" | "decoder" | "endStep">;

/** By pass of the submission. */
export function passBounds(
  rows: readonly BoundedRow[],
  passes: number,
  tileQueries: number,
): readonly PassCounts[] {
  return Array.from({ length: passes }, (_, pass) => boundOf(rows, pass, tileQueries));
}

function boundOf(rows: readonly BoundedRow[], pass: number, tileQueries: number): PassCounts {
  let tokens = 0;
  let wanted = 0;
  let attentionTiles = 0;
  const all: DevicePass[] = [];
  const decoders = new Set<number>();
  let gathered = 0;
  for (const { row, decoder, endStep } of rows) {
    const own = reachablePasses(row, pass);
    const slots = row.slots.length;
    const length = Math.max(0, ...own.map(({ span }) => span.end - span.start));
    tokens += slots * length;
    attentionTiles += slots * Math.ceil(length / tileQueries);
    wanted += Math.max(0, ...own.map(({ head }) => head.positions.length));
    all.push(...own);
    decoders.add(decoder.number);
    gathered = Math.max(gathered, gatheredTokens(decoder, Math.min(endStep, longestBlock(row))));
  }
  return {
    tokens,
    rows: wanted,
    requests: rows.length,
    attentionTiles,
    pairs: 0,
    divergence: all.some(({ head }) => head.divergence === true),
    distribution: all.some(({ head }) => head.mixture !== undefined || isFiltered(head)),
    mixture: all.some(({ head }) => head.mixture !== undefined),
    candidateWords: Math.max(0, ...all.map(({ head }) => candidateWordsOf(head))),
    // Decoders that need couplings decide on the host.
    couplings: 0,
    device: { decoders, gatheredTokens: gathered },
  };
}

/** The passes that may be a row's next one once it has made `made` passes of the submission. */
function reachablePasses({ entry, blocks }: DeviceRow, made: number): readonly DevicePass[] {
  if (!entry) return blocks.flatMap(({ passes }) => passes);
  // A block takes a step at least.
  return blocks.slice(0, made + 1).flatMap(({ passes, firstStep }, index) => {
    const passAt = (step: number) => Math.min(step - firstStep, passes.length - 1);
    const first = index === 0 ? passAt(entry.step + made) : 0;
    const last = index === 0 ? first : passAt(made - index);
    return passes.slice(first, last + 1);
  });
}
