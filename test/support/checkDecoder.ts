/** The properties that every decoder has, built in or not, as one check of its declaration. */
import fc from "fast-check";
import type { Decoder } from "../../src/core/decode/index.ts";
import { type BlockCase, blockCase, blockOf, parametersOf, rowOf } from "./decoderArbitraries.ts";
import type { Block, Decisions } from "./decoding.ts";

export interface DecoderChecks {
  /** Number of random batches. */
  readonly runs?: number;
  /**
   * Maximum steps of a block with `open` undecided positions. By default one for each of them; decoders with idle steps
   * (`transferCount` is 0) or with steps on a filled block need more.
   */
  readonly maxSteps?: (parameters: Readonly<Record<string, unknown>>, open: number) => number;
}

const batch = fc.oneof(
  { arbitrary: fc.array(blockCase, { minLength: 1, maxLength: 3 }), weight: 5 },
  { arbitrary: fc.array(blockCase, { minLength: 4, maxLength: 8 }), weight: 1 },
);
const temperature = fc.constantFrom(0, 0, 0, 0.7);

/**
 * Decodes random batches of blocks, with any valid parameters, on the statistics of logits that are difficult for decoders.
 * @throws Error with the smallest counterexample that was found, if the decoder breaks a rule in a step (it commits exactly
 *   what `transferCount` says, or else at least one open position while there is one; it commits open positions of its block
 *   only, and never the mask token; it reads only statistics that were computed), if a block is not complete after
 *   `maxSteps`, or if a block's decisions are others when it is decoded once more, or beside other blocks
 */
export function checkDecoder(decoder: Decoder, { runs = 200, maxSteps }: DecoderChecks = {}): void {
  const property = fc.property(parametersOf(decoder), batch, temperature, (parameters, cases, heat) => {
    const enter = () => cases.map((value) => blockOf(decoder, parameters, value, heat));
    const limits = enter().map(({ open }) => maxSteps?.(parameters, open.length) ?? open.length);
    const together = decode(enter(), cases, limits);
    for (const [index, block] of enter().entries()) {
      const [alone] = decode([block], [cases[index]!], [limits[index]!]);
      if (alone !== together[index]) {
        const found = `${together[index]} in a batch of ${cases.length}, ${alone} alone`;
        throw new Error(`A block must be decoded alike each time: found ${found}`);
      }
    }
  });
  fc.assert(property, { numRuns: runs, includeErrorInReport: true });
}

/**
 * Lets all blocks take their steps in turn, until each is complete.
 * @returns what was decided in each step of each block, as text: texts are compared far faster than objects
 */
function decode(
  blocks: readonly Block[],
  cases: readonly BlockCase[],
  limits: readonly number[],
): readonly string[] {
  const decided: Decisions[][] = blocks.map(() => []);
  for (let going = true; going; ) {
    going = false;
    blocks.forEach((block, index) => {
      if (block.finished) return;
      going = true;
      const { step } = block;
      if (step >= limits[index]!) throw new Error(`The block is not complete after ${step} steps`);
      decided[index]!.push(block.apply((offset) => rowOf(cases[index]!, offset, step)));
    });
  }
  return decided.map((steps) => JSON.stringify(steps));
}
