/** Which pass a sequence wants next: the range that its cache policy asks for, fitted to the rows that are wanted. */
import type { CachePass, CacheState } from "../cache/index.ts";
import { type HeadRequest, visibleKeys } from "../tensor/index.ts";
import type { SubBlock } from "./canvas.ts";
import type { OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import type { SequencePass } from "./outcome.ts";
import { type DecodedTokens, undecidedPositions } from "./undecided.ts";

/** Where a sequence is. */
export interface PassPlace extends DecodedTokens {
  readonly options: SequenceOptions;
  /** What is being decoded, and how far it is. */
  readonly subBlock: SubBlock;
  readonly block: OpenBlock;
  /** Keys and values of the positions before this are there, and final. */
  readonly encoded: number;
}

/** The pass in a state of the cache, as the sequence's step `step`; and the state after it. */
export function passFrom(
  place: PassPlace,
  before: CacheState,
  step: number,
): { readonly pass: SequencePass; readonly state: CacheState } {
  const { maskToken, sampling, shift, smoothing, decoder, forbidden, topLogprobs } = place.options;
  const { iteration } = before;
  const { start, end, refresh, prefill = false, state } = cachePass(place, before);
  const positions = prefill ? [] : wantedPositions(place, start, end);
  const span = spanOf(place, start, end, positions);
  const encoded = prefill ? end : encodedBy(place);
  const about = { span, refresh, prefill, encoded, iteration };
  if (positions.length === 0) return { pass: { ...about, head: undefined }, state };
  const { gather, needs } = decoder.declaration;
  const head: SequencePass["head"] = {
    ...{ positions, shift, maskToken, sampling, step },
    mixture: smoothing && (smoothing.topK || "exact"),
    forbidden: forbidden && positions.map((position) => forbidden.get(position) ?? []),
    gather: gather && positions.map((position) => place.block.gather(position)),
    divergence: needs?.includes("divergence"),
    top: topLogprobs ?? undefined,
  } satisfies Omit<HeadRequest, "span">;
  return { pass: { ...about, head }, state };
}

/** The pass that the cache policy asks for; of a long prompt, a piece, unless the policy wants every pass as it is. */
function cachePass(place: PassPlace, before: CacheState): CachePass {
  const pass = wholePass(place, before);
  const { encoded, options } = place;
  if (!pass.prefill || options.cache.declaration.everyPass) return pass;
  if (encoded >= pass.end) return cachePass(place, pass.state);
  const end = pieceEnd(encoded, pass.end, options);
  return { ...pass, start: encoded, end, state: end < pass.end ? before : pass.state };
}

/** The end of the mask's last block that fits in a piece; the first one's, if none does. */
function pieceEnd(
  start: number,
  visible: number,
  { prefillTokens, maskBlock, origin }: SequenceOptions,
): number {
  const span = { start, end: visible, visible, maskBlock, origin };
  let end = visibleKeys(span, start);
  while (end < visible && visibleKeys(span, end) - start <= prefillTokens) end = visibleKeys(span, end);
  return end;
}

/** Block-causal models: what lies before the block that is being decoded, as the first pass of a block encodes the one before. */
function encodedBy({ options, subBlock, encoded }: PassPlace): number {
  return options.cache.declaration.blockCausal ? Math.max(encoded, subBlock.block.start) : encoded;
}

function wholePass(
  { options, tokens, subBlock: { block: whole, ...subBlock }, block }: PassPlace,
  before: CacheState,
): CachePass {
  const { cache, canvas, smoothing, shift } = options;
  const { declaration: policy, parameters } = cache;
  const wanted = block.wantedPositions();
  const rows = wanted.length > 0 ? { start: wanted[0]! - shift, end: wanted.at(-1)! - shift + 1 } : subBlock;
  const view = {
    start: whole.start,
    end: whole.end,
    length: tokens.length,
    subBlock,
    rows,
    openCount: block.openOffsets().length,
    smoothing: smoothing !== undefined,
    previous: canvas.blocks.findLast(({ end }) => end <= whole.start)?.block.start,
  };
  return policy.next(before, view, parameters);
}

/** The positions that the decoder needs; with smoothing, every undecided position of the pass too. Ascending. */
function wantedPositions(
  { options, undecided, block }: PassPlace,
  start: number,
  end: number,
): readonly number[] {
  const wanted = block.wantedPositions();
  if (!options.smoothing) return wanted;
  const computed = undecidedPositions(undecided, start, end);
  return [...new Set([...wanted, ...computed])].sort((a, b) => a - b);
}

/**
 * The span over [start, end) from which these positions are predicted: it reaches back to the first row that predicts
 * one, and no further than the last such row sees.
 */
function spanOf(
  { options, tokens, subBlock }: PassPlace,
  start: number,
  end: number,
  positions: readonly number[],
): SequencePass["span"] {
  const { maskBlock, origin, shift } = options;
  const visible = maskBlock === Infinity ? tokens.length : Math.max(end, subBlock.block.end);
  const span = { start, end, visible, maskBlock, origin };
  if (positions.length === 0) return span;
  const first = Math.max(0, positions[0]! - shift);
  const seen = visibleKeys(span, Math.max(0, positions.at(-1)! - shift));
  return {
    ...span,
    start: Math.min(start, first),
    end: Math.min(end, seen),
    visible: Math.min(visible, seen),
  };
}
