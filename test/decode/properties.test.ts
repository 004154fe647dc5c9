/**
 * What holds for every decoder, on logits that are hard on it. The rules that a single step must keep (only open
 * positions, never the mask token, at least one commit, no look at what was not delivered) are Block's to enforce.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bind } from "../../src/core/declare/index.ts";
import { type Decoder, decoders } from "../../src/core/decode/index.ts";
import { type BlockCase, blockCase, blockOf, parametersOf, rowOf } from "../support/decoderArbitraries.ts";
import type { Block, Decisions } from "../support/decoding.ts";

/** The most steps that a block may take. */
function stepBound({ name }: Decoder, parameters: Readonly<Record<string, unknown>>, open: number): number {
  const steps = Number(parameters["steps"]);
  switch (name) {
    case "dreamSchedule":
      return steps;
    case "edit":
      return open + Number(parameters["postSteps"]);
    case "fixed":
    case "random":
    case "margin":
    case "entropy":
      return Math.min(open, steps);
    default:
      return open;
  }
}

/** Lets all blocks take their steps in turn, until each is finished. */
function run(blocks: readonly Block[], cases: readonly BlockCase[], limits: readonly number[]) {
  const decided: Decisions[][] = blocks.map(() => []);
  for (let going = true; going; ) {
    going = false;
    blocks.forEach((block, index) => {
      if (block.finished) return;
      going = true;
      const { step } = block;
      if (step >= limits[index]!) throw new Error(`The block is not finished after ${step} steps`);
      decided[index]!.push(block.apply((offset) => rowOf(cases[index]!, offset, step)));
    });
  }
  return { decided, tokens: blocks.map((block) => Array.from(block.tokens)) };
}

describe.each(decoders)("$name", (decoder) => {
  test("finishes blocks in time, and a batch as its rows alone", () => {
    const batch = fc.oneof(
      { arbitrary: fc.array(blockCase, { minLength: 1, maxLength: 3 }), weight: 5 },
      { arbitrary: fc.array(blockCase, { minLength: 4, maxLength: 8 }), weight: 1 },
    );
    const temperature = fc.constantFrom(0, 0, 0, 0.7);
    const property = fc.property(parametersOf(decoder), batch, temperature, (parameters, cases, heat) => {
      const enter = () => cases.map((value) => blockOf(decoder, parameters, value, heat));
      const limits = enter().map((block) => stepBound(decoder, parameters, block.open.length));
      const together = run(enter(), cases, limits);
      enter().forEach((block, index) => {
        const alone = run([block], [cases[index]!], [limits[index]!]);
        // As text: far faster than a comparison of objects.
        expect(JSON.stringify(alone.decided[0])).toBe(JSON.stringify(together.decided[index]));
        expect(alone.tokens[0]).toEqual(together.tokens[index]);
      });
    });
    fc.assert(property, { numRuns: 1000, seed: 1 });
  });

  test("says what it is", () => {
    expect(decoder.name).toMatch(/^[a-z][A-Za-z]*$/);
    expect(decoder.help).toMatch(/^[A-Z].*\.$/);
    expect(decoder.source).not.toBe("");
    if (decoder.smoothed) expect(Object.keys(decoder.parameters)).toContain(decoder.smoothed);
  });

  test("runs with its defaults, which are valid", () => {
    expect(bind("decoder", decoders, { name: decoder.name }).declaration).toBe(decoder);
  });

  test("refuses parameters that it does not have", () => {
    expect(() => bind("decoder", decoders, { name: decoder.name, nonsense: 1 })).toThrow(
      "has no option 'nonsense'",
    );
  });

  const wrong = Object.entries(decoder.parameters).flatMap(([name, parameter]) => {
    const values: unknown[] = [Number.NaN, Infinity, -Infinity, "0.5", [], {}, -1];
    if (parameter.kind !== "boolean") values.push(true);
    else values.push(0, 1);
    if (parameter.kind !== "number" || !parameter.nullable) values.push(null);
    if (parameter.kind === "number" && parameter.integer) values.push(1.5);
    if (parameter.kind === "number" && Number.isFinite(parameter.maximum))
      values.push(parameter.maximum + 1e-9);
    if (parameter.kind === "number") values.push(parameter.minimum - 1e-9);
    return values.map((value) => [name, value] as const);
  });
  test.each(wrong)("refuses %s: %j", (name, value) => {
    expect(() => bind("decoder", decoders, { name: decoder.name, [name]: value })).toThrow(
      `'${name}' must be`,
    );
  });
});

test("names are unique", () => {
  expect(new Set(decoders.map(({ name }) => name)).size).toBe(decoders.length);
});

test("an unknown decoder is refused with the names of all", () => {
  const names = decoders.map(({ name }) => name).join(", ");
  expect(() => bind("decoder", decoders, { name: "nonsense" })).toThrow(`one of ${names}: found`);
});
