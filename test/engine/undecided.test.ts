/** Which positions are decoded follows from the canvas, and not from the tokens that stand there: on a scripted model. */
import { describe, expect, test } from "vitest";
import { cachePolicies } from "../../src/core/cache/index.ts";
import { bind } from "../../src/core/declare/index.ts";
import { decoders } from "../../src/core/decode/index.ts";
import { Sequence, type StepOutcome } from "../../src/core/diffusion/index.ts";
import { rowsOf } from "../../src/core/tensor/index.ts";
import { scriptedBackend } from "../support/scriptedBackend.ts";

const maskId = 9;
/** Decided: the prompt 5 9, and 9 at position 4. Undecided: 7 at position 2, 9 at 3, and 6 at 5. */
const tokens = [5, maskId, 7, maskId, maskId, 6];
const undecided = Uint8Array.of(0, 0, 1, 1, 0, 1);
const open = [2, 3, 5];

/** Decodes the canvas to its end, one position a step. */
async function decode(maskToken: number) {
  const backend = scriptedBackend({ vocabulary: 20, frequent: [3, 11, maskId], maxPasses: 10 });
  const block = { start: 2, end: 6 };
  const sequence = new Sequence({
    canvas: { tokens, undecided, blocks: [{ ...block, block }], answer: block },
    maskToken,
    stopTokens: [],
    earlyStop: true,
    forbidden: undefined,
    maskBlock: Infinity,
    origin: 0,
    shift: 0,
    decoder: bind("decoder", decoders, { name: "fixed", steps: 3 }),
    cache: bind("cache", cachePolicies, { name: "none" }),
    sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
    smoothing: undefined,
    topLogprobs: null,
    guesses: false,
    prefillTokens: 256,
    maxForwards: null,
  });
  const requested: (readonly number[])[] = [];
  const outcomes: StepOutcome[] = [];
  const answers: (readonly number[])[] = [];
  while (!sequence.finished) {
    answers.push(sequence.answerTo(6));
    const { span, head } = sequence.next();
    requested.push(head!.positions);
    const statistics = await backend.submit({ spans: [{ ...span, slot: 1 }], head: [{ ...head!, span: 0 }] });
    outcomes.push(sequence.apply(rowsOf(statistics, 0)));
    sequence.advance();
  }
  return { sequence, requested, outcomes, answers };
}

describe.each([
  ["a model that masks with the token", maskId],
  ["a model without a mask token", -1],
])("%s", (_, maskToken) => {
  test("decodes what is undecided, and keeps what is decided, whatever tokens stand there", async () => {
    const { sequence, requested, outcomes, answers } = await decode(maskToken);
    expect(requested[0]).toEqual(open);
    expect(requested.map((positions) => positions.length)).toEqual([3, 2, 1]);
    expect(outcomes.map(({ openCount }) => openCount)).toEqual([3, 2, 1]);
    const written = outcomes.flatMap(({ positions }) => positions);
    expect([...written].sort()).toEqual(open);
    expect([sequence.tokens[1], sequence.tokens[4]]).toEqual([maskId, maskId]);
    for (const { positions, tokens: chosen } of outcomes)
      expect(sequence.tokens[positions[0]!]).toBe(chosen[0]);
    expect([...sequence.undecided]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([sequence.committed, sequence.undecidedCount, sequence.finalizedUpTo]).toEqual([3, 0, 6]);
    // A decided mask token is a part of the answer, and an undecided token of another kind is none.
    expect(answers[0]).toEqual([]);
    expect(sequence.answerTo(6)).toEqual([...sequence.tokens.subarray(2)]);
    expect(sequence.finished).toBe("length");
  });
});
