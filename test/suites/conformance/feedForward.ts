/** embed, project and mlp. */
import { type Case, near, type Surroundings } from "../suite.ts";
import { type Experiment, run, type Weight } from "./harness.ts";
import { generator, matrix } from "./random.ts";
import { add, gated, linear, rmsNorm, toRows } from "./reference.ts";
import { wholeSpan } from "./wholeSpan.ts";

export const epsilon = 1e-6;
const vocabulary = 13;

/** Weights, tokens and their embeddings for one case. */
export function setting(seed: number, hidden: number, length: number) {
  const random = generator(seed);
  const weight = (...shape: readonly number[]): Weight => {
    const outer = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    return { shape, data: matrix(random, outer, shape.at(-1)!, 0.3) };
  };
  const tokens = Array.from({ length }, () => Math.floor(random() * vocabulary));
  const embedding: Weight = { shape: [vocabulary, hidden], data: matrix(random, vocabulary, hidden, 5000) };
  const span = wholeSpan(0, length);
  const rows = toRows(embedding.data, hidden);
  return { weight, embedding, x: tokens.map((token) => rows[token]!), slots: [tokens], spans: [span] };
}

/** Compares the boundary `y` with the expected rows. */
export async function check(
  surroundings: Surroundings,
  experiment: Experiment,
  expected: readonly (readonly number[])[],
) {
  const outcome = await run(surroundings.backend, experiment);
  const y = toRows(await outcome.read("y"), expected[0]!.length);
  for (const [row, want] of expected.entries()) near(y[row]!, want, 2e-5, `row ${row}`);
}

export function feedForwardCases(surroundings: Surroundings): readonly Case[] {
  const cases: Case[] = [];
  for (const [index, [hidden, inner, length]] of (
    [
      [8, 8, 1],
      [24, 40, 7],
      [33, 17, 13],
    ] as const
  ).entries()) {
    const size = `${hidden} x ${inner}, ${length} rows`;
    cases.push({
      name: `project: ${size}`,
      run: async () => {
        const { weight, embedding, x, slots, spans } = setting(200 + index, hidden, length);
        const weights = {
          embedding,
          other: weight(vocabulary, hidden),
          weight: weight(hidden, hidden),
          bias: weight(hidden),
        };
        const residuals = toRows(weights.other.data, hidden);
        const matrixRows = toRows(weights.weight.data, hidden);
        const bias = index === 1 ? Array.from(weights.bias.data) : undefined;
        await check(
          surroundings,
          {
            weights,
            hidden,
            slots,
            spans,
            body: (b, id, w) => {
              const residual = b.scratch("residual", ["tokens", hidden]);
              b.node("embed", "other", { weight: w("other") }, { x: residual }, { hidden });
              const inputs = { x: id, weight: w("weight"), bias: bias ? w("bias") : undefined, residual };
              const y = b.boundary("y", ["tokens", hidden]);
              b.node("project", "project", inputs, { y }, { outer: hidden, inner: hidden });
            },
          },
          x.map((row, index) => add(residuals[slots[0]![index]!]!, linear(row, matrixRows, bias))),
        );
      },
    });
    cases.push({
      name: `mlp: ${size}`,
      run: async () => {
        const { weight, embedding, x, slots, spans } = setting(300 + index, hidden, length);
        const weights = {
          embedding,
          norm: weight(hidden),
          gateUp: weight(2 * inner, hidden),
          down: weight(hidden, inner),
        };
        const gateUp = toRows(weights.gateUp.data, hidden);
        const down = toRows(weights.down.data, inner);
        const norm = Array.from(weights.norm.data);
        await check(
          surroundings,
          {
            weights,
            hidden,
            slots,
            spans,
            body: (b, id, w) => {
              const outputs = {
                y: b.boundary("y", ["tokens", hidden]),
                normed: b.scratch("normed", ["tokens", hidden]),
                halves: b.scratch("halves", ["tokens", 2 * inner]),
                activation: b.scratch("activation", ["tokens", inner]),
              };
              const inputs = { x: id, norm: w("norm"), gateUp: w("gateUp"), down: w("down") };
              b.node("mlp", "mlp", inputs, outputs, { intermediate: inner, epsilon });
            },
          },
          x.map((row) => add(row, linear(gated(rmsNorm(row, norm, epsilon), gateUp), down))),
        );
      },
    });
  }
  return cases;
}
