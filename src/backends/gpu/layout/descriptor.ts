/** The descriptor of a step: the head, the spans and the head requests of one forward pass as words for kernels. */
import { type ForwardPass, replacedKeys, type SlotId, twinDistance } from "../../../core/tensor/index.ts";
import { requestLayout, spanLayout, stepLayout, writeStructure } from "../../layout/index.ts";
import { candidateWordsOf } from "./candidates.ts";
import type { ForbiddenTables } from "./forbiddenTables.ts";
import { isFiltered, writeRequest } from "./requests.ts";
import { spanRows } from "./wantedRows.ts";

/** What the number of workgroups of a pass depends on; where the device decides, the most that it may come to. */
export interface PassCounts {
  readonly tokens: number;
  readonly rows: number;
  readonly requests: number;
  readonly attentionTiles: number;
  /** Single logits that the host asks for. */
  readonly pairs: number;
  /** Whether some row needs its divergence; the kernels over all logits; a mixture. */
  readonly divergence: boolean;
  readonly distribution: boolean;
  readonly mixture: boolean;
  /** Words of a row's candidates; 0 if no row wants any. */
  readonly candidateWords: number;
  /** Numbers that the requests' couplings are; 0 if no request wants any. */
  readonly couplings: number;
  /** Present where the device decides. */
  readonly device?: DeviceCounts;
}

export interface DeviceCounts {
  /** Numbers of the decoders of the rows. */
  readonly decoders: ReadonlySet<number>;
  /** Maximum tokens whose logits a decoder's kernel reads at a position. */
  readonly gatheredTokens: number;
}

export interface DescribeOptions {
  /** Where a slot begins in the pool. */
  base(slot: SlotId): number;
  /** Queries of a tile of attention. */
  readonly tileQueries: number;
  /** Receives the tables of requests that forbid tokens. */
  readonly tables: ForbiddenTables;
}

/** Words of the descriptor of a step with this many spans and head requests. */
export function descriptorWords(spans: number, requests: number): number {
  return requestWord(spans, requests);
}

/** The word at which a head request of a step with this many spans begins. */
export function requestWord(spans: number, request: number): number {
  return stepLayout.words + spans * spanLayout.words + request * requestLayout.words;
}

/** Writes a step's descriptor to `words` from `at` on. */
export function writeDescriptor(
  step: ForwardPass,
  words: Uint32Array,
  at: number,
  options: DescribeOptions,
): PassCounts {
  const { spans, head } = step;
  const firstTokens = spanRows(step);
  let attentionTiles = 0;
  spans.forEach((span, index) => {
    const { slot, start, end, visible, maskBlock, origin } = span;
    writeStructure(words, at + stepLayout.words + index * spanLayout.words, spanLayout, {
      firstToken: firstTokens[index]!,
      start,
      end,
      base: options.base(slot),
      visible,
      maskBlock: maskBlock === Infinity ? 0 : maskBlock,
      origin,
      firstTile: attentionTiles,
      twinDistance: twinDistance(span),
      replacedKeys: replacedKeys(span),
    });
    attentionTiles += Math.ceil((end - start) / options.tileQueries);
  });
  let rows = 0;
  let pairs = 0;
  let couplings = 0;
  head.forEach((request, index) => {
    const to = at + requestWord(spans.length, index);
    const { positions, forbidden } = request;
    const forbiddenAt = forbidden ? options.tables.add(positions, forbidden) : 0;
    writeRequest(request, words, to, { firstRow: rows, forbiddenAt, couplingsAt: couplings });
    rows += positions.length;
    if (request.couplings !== undefined) couplings += positions.length ** 2;
    for (const tokens of request.gather ?? []) pairs += tokens.length;
  });
  const last = spans.at(-1);
  const tokens = last ? firstTokens.at(-1)! + last.end - last.start : 0;
  const longest = Math.max(0, ...head.map(candidateWordsOf));
  writeStructure(words, at, stepLayout, {
    tokenCount: tokens,
    spanCount: spans.length,
    rowCount: rows,
    requestCount: head.length,
    attentionTileCount: attentionTiles,
    spansAt: stepLayout.words,
    requestsAt: requestWord(spans.length, 0),
    candidateWords: longest,
    stepIndex: 0,
  });
  return {
    tokens,
    rows,
    requests: head.length,
    attentionTiles,
    pairs,
    divergence: head.some((request) => request.divergence === true),
    distribution: head.some((request) => request.mixture !== undefined || isFiltered(request)),
    mixture: head.some((request) => request.mixture !== undefined),
    candidateWords: longest,
    couplings,
  };
}
