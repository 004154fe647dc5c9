/**
 * A submission to a device that decides by itself: how many passes it has, and what each row may do in them. Rows have
 * step counts of their own, and go on from block to block within a submission.
 */
import type { DeviceBlock, DeviceLoop, DeviceRow } from "../../tensor/index.ts";
import type { Row } from "./planPass.ts";

/** Tokens that a step is expected to commit, before a sequence has shown how many it does. */
const expectedTokens = 8;
/** The least part of a submission's row-passes that is expected to have an effect. */
const usefulPart = 7 / 8;

/** Tokens that a step of the row is expected to commit. */
function tokensPerStep({ task: { sequence } }: Row): number {
  return sequence.stepCount > 0 ? Math.max(sequence.committed / sequence.stepCount, 0.25) : expectedTokens;
}

/**
 * Steps that a row is expected to make before the host has to look: to its end, or with a loop that knows one block only
 * to the end of its block. Less those that are under way.
 */
export function expectedSteps(row: Row, passesUnderWay: number, { maxBlocks }: DeviceLoop): number {
  const { sequence } = row.task;
  const open = maxBlocks === 1 ? sequence.blockUndecidedCount : sequence.undecidedCount;
  const steps = Math.max(1, Math.ceil(open / tokensPerStep(row)));
  return Math.max(0, Math.min(steps, sequence.forwardsLeft) - passesUnderWay);
}

/**
 * How many passes a submission has: as many as leave most of the row-passes an effect, so that a row near its end holds
 * up neither the others nor those who wait.
 * @param expected steps that each row is expected to make
 */
export function countPasses(expected: readonly number[], maxPasses: number): number {
  let passes = 1;
  let effective = expected.length;
  while (passes < maxPasses) {
    effective += expected.filter((steps) => steps > passes).length;
    if (effective < usefulPart * (passes + 1) * expected.length) break;
    passes++;
  }
  return passes;
}

/**
 * What a row may do in a submission.
 * @param passes of the submission
 * @param passesUnderWay of the row, in submissions before; with none the host knows where the row is, and says so
 */
export function deviceRow(row: Row, passes: number, passesUnderWay: number, loop: DeviceLoop): DeviceRow {
  const { task, slots } = row;
  const { sequence, guidance } = task;
  const { maskToken, decoder, stopTokens, maxForwards } = sequence.options;
  const blocks = blocksAhead(row, passesUnderWay + passes, loop);
  const { blockIndex, block, stepCount, forwards } = sequence;
  const { step } = block;
  return {
    slots,
    guidanceScale: guidance?.scale,
    maskToken,
    stopTokens,
    decoder: decoder.declaration.name,
    entry: passesUnderWay > 0 ? undefined : { step, sequenceStep: stepCount, passes: forwards },
    firstBlock: blockIndex,
    blocks,
    passLimit: maxForwards ?? Number.POSITIVE_INFINITY,
  };
}

/** The most tokens that one of the row's next `steps` passes computes. */
export function maxTokensOf(row: Row, steps: number, loop: DeviceLoop): number {
  let tokens = 0;
  for (const { passes } of blocksAhead(row, steps, loop)) {
    for (const { span } of passes) tokens = Math.max(tokens, span.end - span.start);
  }
  return tokens * row.slots.length;
}

/** The blocks that a row may come to in `steps` steps, if it commits half as much again as expected. */
function blocksAhead(row: Row, steps: number, { maxBlocks }: DeviceLoop): readonly DeviceBlock[] {
  const { sequence } = row.task;
  const { start, end } = sequence.block;
  const count = 1 + Math.ceil((1.5 * steps * tokensPerStep(row)) / (end - start));
  return sequence.foresee(Math.min(maxBlocks, count), steps);
}
