/** Which pass a sequence wants next: the range that its cache policy asks for, fitted to the rows that are wanted. */
import type { CachePass, CacheState, CacheView } from "../cache/index.ts";
import { type HeadRequest, visibleKeys } from "../tensor/index.ts";
import type { Range, SubBlock } from "./canvas.ts";
import { type OpenBlock, reachOf } from "./openBlock.ts";
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

/** The positions that a pass computes. */
export interface PassRange extends Omit<SequencePass, "head"> {
  /** Whether the pass decides something: then it has a head request. */
  readonly decides: boolean;
}

/** The positions that the next pass computes in a state of the cache, and the state after it. */
export function rangeFrom(
  place: PassPlace,
  before: CacheState,
): { readonly range: PassRange; readonly state: CacheState } {
  const { start, end, refresh, prefill = false, state } = cachePass(place, before);
  const decides = !prefill && wantsRows(place, start, end);
  const span = spanOf(place, start, end, decides);
  const encoded = prefill ? end : encodedBy(place);
  return { range: { span, refresh, prefill, encoded, iteration: before.iteration, decides }, state };
}

/** The head request of a pass that is the sequence's decode step `step`; undefined if it decides nothing. */
export function headOf(place: PassPlace, { span, decides }: PassRange, step: number): SequencePass["head"] {
  if (!decides) return undefined;
  const { maskToken, sampling, shift, smoothing, decoder, forbidden, topLogprobs } = place.options;
  const { gather, needs } = decoder.declaration;
  const positions = wantedPositions(place, span.start, span.end);
  return {
    positions,
    shift,
    maskToken,
    sampling,
    step,
    mixture: smoothing && (smoothing.topK || "exact"),
    forbidden: forbidden && positions.map((position) => forbidden.get(position) ?? []),
    gather: gather && positions.map((position) => place.block.gather(position)),
    divergence: needs?.includes("divergence"),
    top: topLogprobs ?? undefined,
  } satisfies Omit<HeadRequest, "span">;
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

function wholePass(place: PassPlace, before: CacheState): CachePass {
  const { declaration: policy, parameters } = place.options.cache;
  return policy.next(before, new PlaceView(place), parameters);
}

/** A sequence as its cache policy sees it. Most policies never read what takes a search, so that is found when it is read. */
class PlaceView implements CacheView {
  readonly start: number;
  readonly end: number;
  readonly length: number;
  readonly subBlock: Range;
  readonly openCount: number;
  readonly smoothing: boolean;
  readonly #place: PassPlace;

  constructor(place: PassPlace) {
    const { options, tokens, subBlock, block } = place;
    this.start = subBlock.block.start;
    this.end = subBlock.block.end;
    this.length = tokens.length;
    this.subBlock = subBlock;
    this.openCount = block.openCount;
    this.smoothing = options.smoothing !== undefined;
    this.#place = place;
  }

  get rows(): Range {
    const { subBlock, block, options } = this.#place;
    const wanted = reachOf(block.wantedPositions());
    return wanted
      ? { start: wanted.first - options.shift, end: wanted.last - options.shift + 1 }
      : { start: subBlock.start, end: subBlock.end };
  }

  get previous(): number | undefined {
    return this.#place.options.canvas.blocks.findLast(({ end }) => end <= this.start)?.block.start;
  }
}

/** Whether a pass over [start, end) has rows that are wanted. */
function wantsRows({ options, undecided, block }: PassPlace, start: number, end: number): boolean {
  if (!block.complete) return true;
  return options.smoothing !== undefined && undecided.subarray(start, end).includes(1);
}

/**
 * The positions whose statistics a pass over [start, end) delivers: what the decoder needs, and with smoothing every
 * undecided position that the pass computes. Ascending.
 */
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
 * The span of a pass over [start, end). A deciding pass reaches back to the row that predicts the first position that a
 * decoder could write when the block was entered, and ends where the sight of the row for the last one ends: so a block's spans do not
 * depend on what is committed in it, and a device may be given them ahead. Policies that follow commits go by the positions
 * that are open now.
 */
function spanOf(
  { options, tokens, subBlock, block }: PassPlace,
  start: number,
  end: number,
  decides: boolean,
): SequencePass["span"] {
  const { maskBlock, origin, shift } = options;
  const visible = maskBlock === Infinity ? tokens.length : Math.max(end, subBlock.block.end);
  const span = { start, end, visible, maskBlock, origin };
  const reach = options.cache.declaration.followsCommits ? reachOf(block.wantedPositions()) : block.reach;
  if (!decides || !reach) return span;
  const first = Math.max(0, reach.first - shift);
  const seen = visibleKeys(span, Math.max(0, reach.last - shift));
  return {
    start: Math.min(start, first),
    end: Math.min(end, seen),
    visible: Math.min(visible, seen),
    maskBlock,
    origin,
  };
}
