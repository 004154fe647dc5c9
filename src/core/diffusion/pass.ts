/** Plans the next pass of a sequence: the range that the cache policy asks for, adjusted to the wanted rows. */
import type { CachePass, CacheState, CacheView } from "../cache/index.ts";
import { type HeadRequest, visibleKeys } from "../tensor/index.ts";
import type { Range, SubBlock } from "./canvas.ts";
import { type OpenBlock, reachOf } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import type { SequencePass } from "./outcome.ts";
import { type DecodedTokens, undecidedPositions } from "./undecided.ts";

/** The state of a sequence that its next pass depends on. */
export interface PassPlace extends DecodedTokens {
  readonly options: SequenceOptions;
  /** The current sub-block, and its decoding state. */
  readonly subBlock: SubBlock;
  readonly block: OpenBlock;
  /** The keys and values of the positions before this one are final. */
  readonly encoded: number;
}

/** The positions that a pass computes. */
export interface PassRange extends Omit<SequencePass, "head"> {
  /** Whether the pass has wanted rows, and so a head request. */
  readonly decides: boolean;
}

/** The positions that the next pass computes, and the cache policy's state after it. */
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

/** The head request of a pass, as decode step `step` of the sequence; undefined if the pass decides nothing. */
export function headOf(place: PassPlace, { span, decides }: PassRange, step: number): SequencePass["head"] {
  if (!decides) return undefined;
  const { maskToken, sampling, shift, smoothing, decoder, forbidden, topLogprobs } = place.options;
  const { needs } = decoder.declaration;
  const positions = wantedPositions(place, span.start, span.end);
  return {
    positions,
    shift,
    maskToken,
    sampling,
    step,
    mixture: smoothing && (smoothing.topK || "exact"),
    forbidden: forbidden && positions.map((position) => forbidden.get(position) ?? []),
    gather: gatherOf(place, positions),
    divergence: needs?.includes("divergence"),
    couplings: place.options.couplingLayers,
    top: topLogprobs ?? undefined,
  } satisfies Omit<HeadRequest, "span">;
}

/** The tokens whose logits are wanted: those that the decoder asks for, and if log-probabilities are reported, those of branches. */
function gatherOf(
  { options: { decoder, topLogprobs }, block }: PassPlace,
  positions: readonly number[],
): readonly (readonly number[])[] | undefined {
  const branches = topLogprobs === null ? [] : block.branches;
  if (!decoder.declaration.gather && branches.length === 0) return undefined;
  return positions.map((position) => [
    ...block.gather(position),
    ...branches.filter(({ offset }) => block.start + offset === position).map(({ token }) => token),
  ]);
}

/** The pass that the cache policy asks for. A long prompt is encoded in pieces, unless the policy has `everyPass`. */
function cachePass(place: PassPlace, before: CacheState): CachePass {
  const pass = wholePass(place, before);
  const { encoded, options } = place;
  if (!pass.prefill || options.cache.declaration.everyPass) return pass;
  if (encoded >= pass.end) return cachePass(place, pass.state);
  const end = pieceEnd(encoded, pass.end, options);
  return { ...pass, start: encoded, end, state: end < pass.end ? before : pass.state };
}

/** The end of the piece of a prompt that starts at `start`: as many blocks of the mask as fit, but at least one. */
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

/** Block-causal models: the first pass of a block encodes the block before it, so everything before the block is final. */
function encodedBy({ options, subBlock, encoded }: PassPlace): number {
  return options.cache.declaration.blockCausal ? Math.max(encoded, subBlock.block.start) : encoded;
}

function wholePass(place: PassPlace, before: CacheState): CachePass {
  const { declaration: policy, parameters } = place.options.cache;
  return policy.next(before, new PlaceView(place), parameters);
}

/** A sequence as its cache policy sees it. Policies read few of the properties, so each is found when it is read. */
class PlaceView implements CacheView {
  readonly #place: PassPlace;

  constructor(place: PassPlace) {
    this.#place = place;
  }

  get start(): number {
    return this.#place.subBlock.block.start;
  }

  get end(): number {
    return this.#place.subBlock.block.end;
  }

  get length(): number {
    return this.#place.tokens.length;
  }

  get subBlock(): Range {
    return this.#place.subBlock;
  }

  get openCount(): number {
    return this.#place.block.openCount;
  }

  get smoothing(): boolean {
    return this.#place.options.smoothing !== undefined;
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

/** Whether a pass over [start, end) has wanted rows. */
function wantsRows({ options, undecided, block }: PassPlace, start: number, end: number): boolean {
  if (!block.complete) return true;
  return options.smoothing !== undefined && undecided.subarray(start, end).includes(1);
}

/**
 * The positions whose statistics a pass over [start, end) computes, ascending: those that the decoder needs, and with smoothing
 * every undecided position in the range.
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
 * The span of a pass over [start, end). A pass that decides is extended to the left to include the row that predicts the first
 * position of the block's reach, and is trimmed on the right to the keys that the row for the last position sees. The reach is
 * fixed when the block is entered, so the spans of a block do not depend on its commits, and a device can be given them in
 * advance. Policies with `followsCommits` use the positions that are wanted now instead.
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
  if (start <= first && end <= seen && visible <= seen) return span;
  return {
    start: Math.min(start, first),
    end: Math.min(end, seen),
    visible: Math.min(visible, seen),
    maskBlock,
    origin,
  };
}
