/** Commit decisions of dInfer's decoders on given logits, reproduced exactly. */
import { describe, expect, test } from "vitest";
import { decoders } from "../../src/core/decode/index.ts";
import { Block } from "../support/decoding.ts";
import { cpuSurroundings } from "../support/surroundings.ts";

interface VectorCase {
  readonly decoder: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly start: readonly number[];
  readonly steps: readonly {
    readonly logits: readonly (readonly number[])[];
    readonly commit: readonly (readonly [number, number])[];
  }[];
}
const file = await cpuSurroundings.json<{ mask: number; cases: readonly VectorCase[] }>("vectors.json");

/** `fixed` as the file asks for it: so many positions in this one step. */
function parametersOf({ decoder, params, start }: VectorCase): Readonly<Record<string, unknown>> {
  if (decoder !== "fixed") return params;
  const open = start.filter((token) => token === file.mask).length;
  const first = (steps: number) => Math.floor(open / steps) + (open % steps > 0 ? 1 : 0);
  let steps = 1;
  while (first(steps) !== params["count"]) if (++steps > open) throw new Error("No number of steps fits");
  return { steps };
}

test("the file holds 124 cases of five decoders", () => {
  expect(file.cases).toHaveLength(124);
  const names = new Set(file.cases.map(({ decoder }) => decoder));
  expect([...names].sort()).toEqual(["credit", "factor", "fixed", "hierarchical", "threshold"]);
});

describe.each([...new Set(file.cases.map(({ decoder }) => decoder))])("%s", (name) => {
  const cases = file.cases.filter(({ decoder }) => decoder === name);
  const decoder = decoders.find((candidate) => candidate.name === name)!;
  test.each(cases.map((value, index) => [index, value] as const))("case %i", (_, value) => {
    const parameters = parametersOf(value);
    const block = new Block({ decoder, parameters, tokens: value.start, maskToken: file.mask });
    for (const { logits, commit } of value.steps) {
      const rows = logits.map((row) => Float32Array.from(row));
      const { commits } = block.apply((offset) => rows[offset]!);
      const found = commits.map(({ offset, token }) => [offset, token] as const);
      expect(found.sort(([a], [b]) => a - b)).toEqual(commit);
    }
  });
});
