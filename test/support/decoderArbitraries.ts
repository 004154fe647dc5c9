/** Arbitraries for property tests of decoders: parameters from a declaration, blocks, and their logits. */
import fc from "fast-check";
import type { Parameter } from "../../src/core/declare/index.ts";
import type { Decoder } from "../../src/core/decode/index.ts";
import { Block } from "./decoding.ts";
import { driftingRows, hardRow, hash, numbers, softRow } from "./rows.ts";

export const vocabulary = 9;
export const maskToken = 4;
/** Rows are created once, so their statistics are computed once for all tests. */
const next = numbers(2026);
const count = 2400;
const hard = Array.from({ length: count }, () => hardRow(next, vocabulary, maskToken));
const soft = Array.from({ length: count }, () => softRow(next, vocabulary));
const turns = 8;
const drifting = Array.from({ length: count / turns }, () => driftingRows(next, turns, vocabulary));

/** Any valid value of a parameter; bounds and the default are more frequent. */
function valueFor(parameter: Parameter): fc.Arbitrary<unknown> {
  switch (parameter.kind) {
    case "boolean":
      return fc.boolean();
    case "choice":
      return fc.constantFrom(...parameter.choices);
    case "number": {
      const { minimum, maximum, integer, nullable } = parameter;
      // The maximum of step counts is far above the needs of these tests' blocks.
      const to = Math.min(maximum, minimum + (integer ? 30 : 2));
      const noNaN = { noNaN: true, noDefaultInfinity: true };
      const within = integer
        ? fc.integer({ min: minimum, max: to })
        : fc.double({ min: minimum, max: to, ...noNaN });
      const edges = fc.constantFrom(parameter.default, minimum, to);
      const some = fc.oneof({ arbitrary: within, weight: 3 }, { arbitrary: edges, weight: 2 });
      return nullable ? fc.option(some, { freq: 5 }) : some;
    }
  }
}

/** Values for all parameters of a decoder. */
export function parametersOf(decoder: Decoder): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const entries = Object.entries(decoder.parameters);
  return fc.record(Object.fromEntries(entries.map(([name, parameter]) => [name, valueFor(parameter)])));
}

/** A block: its length, the known positions at the start, and the seed of its logits. */
export interface BlockCase {
  readonly length: number;
  readonly promptLength: number;
  /** How many quarters of the positions after the prompt are known at the start. */
  readonly knownShare: number;
  readonly seed: number;
}

const length = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 12 }), weight: 12 },
  { arbitrary: fc.integer({ min: 13, max: 40 }), weight: 4 },
  { arbitrary: fc.integer({ min: 41, max: 128 }), weight: 1 },
);
export const blockCase: fc.Arbitrary<BlockCase> = fc
  .record({
    length,
    prompt: fc.constantFrom(0, 0, 0, 0.3),
    knownShare: fc.constantFrom(0, 0, 1, 2),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  })
  .map(({ prompt, ...rest }) => ({ ...rest, promptLength: Math.floor(prompt * rest.length) }));

/** The tokens at the start, of which at least one is open. */
export function tokensOf({ length, promptLength, knownShare, seed }: BlockCase): number[] {
  const next = numbers(seed);
  const tokens = Array.from({ length }, (_, offset) => {
    const known = offset < promptLength || next() * 4 < knownShare;
    const token = Math.floor(next() * (vocabulary - 1));
    return known ? token + (token >= maskToken ? 1 : 0) : maskToken;
  });
  if (!tokens.includes(maskToken)) tokens[length - 1] = maskToken;
  return tokens;
}

/**
 * The logits of an offset in a step. A third of the blocks has hard rows and a third soft rows, which stay equal for some or
 * all steps; the last third has drifting rows.
 */
export function rowOf({ seed }: BlockCase, offset: number, step: number): Float32Array {
  const kind = hash(seed, 0, 0, 3) % 3;
  if (kind === 2) {
    const rows = drifting[hash(seed, offset, 0, 2) % drifting.length]!;
    return rows[hash(seed, offset, step, 4) % turns]!;
  }
  const pace = hash(seed, offset, 0, 1) % 4;
  const phase = pace === 0 ? 0 : Math.floor(step / pace);
  return (kind === 0 ? hard : soft)[hash(seed, offset, phase, 2) % count]!;
}

export function blockOf(
  decoder: Decoder,
  parameters: Readonly<Record<string, unknown>>,
  value: BlockCase,
  temperature = 0,
): Block {
  const { seed, promptLength } = value;
  const tokens = tokensOf(value);
  return new Block({ decoder, parameters, tokens, maskToken, promptLength, temperature, seed });
}
