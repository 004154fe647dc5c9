/**
 * The passes of a sequence that are known in advance, as they do not depend on the tokens that are decided: those of the
 * current block and of later blocks. A device with a decode loop makes these passes without the host.
 */
import type { CacheState } from "../cache/index.ts";
import type { DeviceBlock, DevicePass } from "../tensor/index.ts";
import type { SubBlock } from "./canvas.ts";
import { decoderParameters } from "./decoderParameters.ts";
import { OpenBlock } from "./openBlock.ts";
import type { SequenceOptions } from "./options.ts";
import { headOf, type PassPlace, type PassRange, rangeFrom } from "./pass.ts";
import { smoothingWeight } from "./smoothing.ts";

/** The state of a sequence whose next pass is planned. */
export interface PlannedPass {
  readonly place: PassPlace;
  readonly range: PassRange;
  /** The cache policy's state after that pass. */
  readonly state: CacheState;
  /** Index of the current sub-block. */
  readonly index: number;
}

interface PlannedBlock {
  readonly block: DeviceBlock;
  /** The cache policy's state after the passes of the block. */
  readonly state: CacheState;
}

export class Foresight {
  /** Blocks by index whose passes do not change as the sequence advances. */
  readonly #reusable = new Map<number, PlannedBlock>();

  /** Discards all blocks, after a change of the canvas or of the cache. */
  clear(): void {
    this.#reusable.clear();
  }

  /**
   * The current block and the blocks after it whose passes are known, in order, at most `maxBlocks`.
   * @param maxSteps number of passes to plan for a block in which every step may need a different pass
   */
  blocks(from: PlannedPass, maxBlocks: number, maxSteps: number): readonly DeviceBlock[] {
    const { options } = from.place;
    const { smoothing, cache, canvas } = options;
    const countsPasses =
      smoothing !== undefined || (cache.declaration.countsPasses?.(from.state, cache.parameters) ?? false);
    const blocks: DeviceBlock[] = [];
    let last: PlannedBlock | undefined;
    for (let index = from.index; index < canvas.blocks.length && blocks.length < maxBlocks; index++) {
      let planned = countsPasses ? undefined : this.#reusableAt(index, from);
      planned ??= last
        ? followingBlock(from.place, canvas.blocks[index]!, last.state)
        : currentBlock(from, maxSteps, countsPasses);
      if (!planned) break;
      if (!countsPasses) this.#reusable.set(index, planned);
      blocks.push(planned.block);
      if (countsPasses) break;
      last = planned;
    }
    return blocks;
  }

  /** A decoder with a schedule decides in its block up to the next idle step; behind that one, the limit is another. */
  #reusableAt(index: number, { place, index: current }: PlannedPass): PlannedBlock | undefined {
    const planned = this.#reusable.get(index);
    const isReached = planned && index === current && place.block.step >= planned.block.stepLimit;
    return isReached ? undefined : planned;
  }
}

function currentBlock(
  { place, range, state }: PlannedPass,
  maxSteps: number,
  countsPasses: boolean,
): PlannedBlock {
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

/** A block after the current one; undefined if it has nothing to decide, or starts with idle steps. */
function followingBlock(from: PassPlace, subBlock: SubBlock, before: CacheState): PlannedBlock | undefined {
  const block = new OpenBlock(subBlock, from.options, from);
  const place = { ...from, subBlock, block };
  if (block.openAtStart === 0 || block.stepsBeforeIdle(1) === 0) return undefined;
  const first = rangeFrom(place, before);
  const later = rangeFrom({ ...place, encoded: first.range.encoded }, first.state);
  return { block: deviceBlock(place, [first.range, later.range], false), state: later.state };
}

/** @param ranges those of the block's next steps; without `countsPasses`, the last one also serves all later steps */
function deviceBlock(place: PassPlace, ranges: readonly PassRange[], countsPasses: boolean): DeviceBlock {
  const { options, block } = place;
  const passes: DevicePass[] = [];
  for (const range of ranges) {
    const before = passes.at(-1);
    const same = before && !options.smoothing && isSameSpan(before.span, range.span);
    passes.push(same ? before : devicePass(place, range));
  }
  while (passes.length > 1 && passes.at(-1) === passes.at(-2)) passes.pop();
  const planned = countsPasses ? ranges.length : Infinity;
  const scheduled = options.decoder.declaration.transferCount ? block.stepsBeforeIdle(Infinity) : Infinity;
  return {
    start: block.start,
    end: block.end,
    openAtStart: block.openAtStart,
    editable: block.editablePositions,
    firstStep: block.step,
    passes,
    stepLimit: block.step + Math.min(planned, scheduled),
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
