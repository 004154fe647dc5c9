/**
 * What a sequence will do as far as it is certain before anything is decided: the passes of its current block, and those
 * of the blocks behind it. A device that decides by itself is given these, and follows them without the host.
 */
import type { CacheState } from "../cache/index.ts";
import type { DeviceBlock, DevicePass } from "../tensor/index.ts";
import type { SubBlock } from "./canvas.ts";
import { decoderParameters } from "./decoderParameters.ts";
import { OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import { headOf, type PassPlace, type PassRange, rangeFrom } from "./pass.ts";
import { smoothingWeight } from "./smoothing.ts";

/** Where a sequence stands: its next pass is planned. */
export interface Standpoint {
  readonly place: PassPlace;
  readonly range: PassRange;
  /** The cache policy's state after that pass. */
  readonly state: CacheState;
  /** Index of the current sub-block. */
  readonly index: number;
}

interface Foreseen {
  readonly block: DeviceBlock;
  /** The cache policy's state after passes of the block. */
  readonly state: CacheState;
}

export class Foresight {
  /** By index: blocks whose passes stay the same as the sequence goes on. */
  readonly #lasting = new Map<number, Foreseen>();

  /** Forgets everything, as the canvas or the cache changed. */
  clear(): void {
    this.#lasting.clear();
  }

  /**
   * The current block and those behind it, in order, as far as they are certain.
   * @param maxSteps steps of a block that are foreseen where each may need another pass
   */
  blocks(from: Standpoint, maxBlocks: number, maxSteps: number): readonly DeviceBlock[] {
    const { options } = from.place;
    const { smoothing, cache, canvas } = options;
    const countsPasses =
      smoothing !== undefined || (cache.declaration.countsPasses?.(from.state, cache.parameters) ?? false);
    const blocks: DeviceBlock[] = [];
    let last: Foreseen | undefined;
    for (let index = from.index; index < canvas.blocks.length && blocks.length < maxBlocks; index++) {
      let foreseen = countsPasses ? undefined : this.#lastingAt(index, from);
      foreseen ??= last
        ? followingBlock(from.place, canvas.blocks[index]!, last.state)
        : currentBlock(from, maxSteps, countsPasses);
      if (!foreseen) break;
      if (!countsPasses) this.#lasting.set(index, foreseen);
      blocks.push(foreseen.block);
      if (countsPasses) break;
      last = foreseen;
    }
    return blocks;
  }

  /** A decoder with a schedule decides in its block up to the next idle step; behind that one, the limit is another. */
  #lastingAt(index: number, { place, index: current }: Standpoint): Foreseen | undefined {
    const foreseen = this.#lasting.get(index);
    const isReached = foreseen && index === current && place.block.step >= foreseen.block.stepLimit;
    return isReached ? undefined : foreseen;
  }
}

function currentBlock(
  { place, range, state }: Standpoint,
  maxSteps: number,
  countsPasses: boolean,
): Foreseen {
  const passCount = countsPasses ? maxSteps : 2;
  const ranges = [range];
  let after = state;
  let encoded = range.encoded;
  while (ranges.length < passCount) {
    const next = rangeFrom({ ...place, encoded }, after);
    ranges.push(next.range);
    after = next.state;
    encoded = next.range.encoded;
  }
  return { block: deviceBlock(place, ranges, countsPasses), state: after };
}

/** A block behind the current one; undefined where the sequence may pass over it, or rest before it. */
function followingBlock(from: PassPlace, subBlock: SubBlock, before: CacheState): Foreseen | undefined {
  const block = new OpenBlock(subBlock, from.options, from);
  const place = { ...from, subBlock, block };
  if (block.openAtStart === 0 || block.stepsBeforeIdle(1) === 0) return undefined;
  const first = rangeFrom(place, before);
  const later = rangeFrom({ ...place, encoded: first.range.encoded }, first.state);
  return { block: deviceBlock(place, [first.range, later.range], false), state: later.state };
}

/** @param ranges of the block's coming steps; the last one is that of all later steps, unless `countsPasses` */
function deviceBlock(place: PassPlace, ranges: readonly PassRange[], countsPasses: boolean): DeviceBlock {
  const { options, block } = place;
  const passes: DevicePass[] = [];
  for (const range of ranges) {
    const before = passes.at(-1);
    const same = before && !options.smoothing && isSameSpan(before.span, range.span);
    passes.push(same ? before : devicePass(place, range));
  }
  while (passes.length > 1 && passes.at(-1) === passes.at(-2)) passes.pop();
  const foreseen = countsPasses ? ranges.length : Infinity;
  const scheduled = options.decoder.declaration.transferCount ? block.stepsBeforeIdle(Infinity) : Infinity;
  return {
    start: block.start,
    end: block.end,
    openAtStart: block.openAtStart,
    editable: block.editablePositions,
    firstStep: block.step,
    passes,
    stepLimit: block.step + Math.min(foreseen, scheduled),
    stopRange: stopRange(block, options),
  };
}

function devicePass(place: PassPlace, range: PassRange): DevicePass {
  const { options } = place;
  const { step: _, gather: __, ...head } = headOf(place, range, 0)!;
  const { smoothing } = options;
  return {
    span: range.span,
    head,
    parameters: decoderParameters(options, range.iteration),
    softEmbeddingWeight: smoothing && smoothingWeight(smoothing, range.iteration),
  };
}

function isSameSpan(a: PassRange["span"], b: PassRange["span"]): boolean {
  return a.start === b.start && a.end === b.end && a.visible === b.visible;
}

function stopRange(
  { start, end }: OpenBlock,
  { earlyStop, canvas }: SequenceOptions,
): DeviceBlock["stopRange"] {
  if (!earlyStop) return undefined;
  return { start: Math.max(start, canvas.answer.start), end: Math.min(end, canvas.answer.end) };
}
