/** embed, project, mlp, route, expertsUp and expertsDown. */
import { type Case, near, type Surroundings } from "../suite.ts";
import { type Experiment, run, type Weight } from "./harness.ts";
import { generator, matrix } from "./random.ts";
import { add, gated, linear, rmsNorm, softmax, topK, toRows } from "./reference.ts";
import { wholeSpan } from "./wholeSpan.ts";

const epsilon = 1e-6;
const vocabulary = 13;

function setting(seed: number, hidden: number, length: number) {
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
async function check(
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
  for (const [index, mixture] of mixtures.entries()) cases.push(expertsCase(surroundings, index, mixture));
  return cases;
}

interface Mixture {
  readonly name: string;
  readonly experts: number;
  readonly topK: number;
  readonly length: number;
  readonly normalize: boolean;
  readonly bias: boolean;
  /** All rows of the router alike, so that the lowest experts must win. */
  readonly tied: boolean;
}
const some = { experts: 8, topK: 2, length: 11, normalize: false, bias: false, tied: false };
const mixtures: readonly Mixture[] = [
  { ...some, name: "two of eight" },
  { ...some, name: "one token", length: 1 },
  { ...some, name: "three of five, normalized", experts: 5, topK: 3, normalize: true },
  { ...some, name: "router bias", bias: true },
  { ...some, name: "ties", tied: true },
  { ...some, name: "all experts", experts: 3, topK: 3 },
];

function expertsCase(surroundings: Surroundings, index: number, mixture: Mixture): Case {
  const { experts, topK: count, length, normalize } = mixture;
  const hidden = 24;
  const inner = 10;
  return {
    name: `route and experts: ${mixture.name}`,
    run: async () => {
      const { weight, embedding, x, slots, spans } = setting(400 + index, hidden, length);
      // Small, so that no expert takes all of the softmax.
      const router: Weight = {
        shape: [experts, hidden],
        data: matrix(generator(450 + index), experts, hidden, 0.02),
      };
      if (mixture.tied) for (let e = 1; e < experts; e++) router.data.copyWithin(e * hidden, 0, hidden);
      const weights = {
        embedding,
        norm: weight(hidden),
        router,
        bias: weight(experts),
        gateUp: weight(experts, 2 * inner, hidden),
        down: weight(experts, hidden, inner),
      };
      const norm = Array.from(weights.norm.data);
      const gateUp = toRows(weights.gateUp.data, 2 * inner * hidden).map((expert) => toRows(expert, hidden));
      const down = toRows(weights.down.data, hidden * inner).map((expert) => toRows(expert, inner));
      const expected = x.map((row) => {
        const normed = rmsNorm(row, norm, epsilon);
        const plain = softmax(linear(normed, toRows(router.data, hidden)));
        const scores = mixture.bias ? add(plain, Array.from(weights.bias.data)) : plain;
        const chosen = topK(scores, count);
        const total = normalize ? chosen.reduce((sum, expert) => sum + scores[expert]!, 0) : 1;
        return chosen.reduce<readonly number[]>((sum, expert) => {
          const part = linear(gated(normed, gateUp[expert]!), down[expert]!);
          return add(
            sum,
            part.map((value) => (value * scores[expert]!) / total),
          );
        }, row);
      });
      const routed = (width: number) => [{ of: "tokens", times: count }, width] as const;
      await check(
        surroundings,
        {
          weights,
          hidden,
          slots,
          spans,
          body: (b, id, w) => {
            const normed = b.scratch("normed", ["tokens", hidden]);
            const chosen = b.scratch("chosen", routed(1), "u32");
            const share = b.scratch("share", routed(1));
            const inputs = {
              x: id,
              norm: w("norm"),
              router: w("router"),
              bias: mixture.bias ? w("bias") : undefined,
            };
            const outputs = { normed, experts: chosen, weights: share };
            b.node("route", "route", inputs, outputs, { experts, topK: count, normalize, epsilon });
            const attributes = { experts, topK: count, intermediate: inner };
            const activation = b.scratch("activation", routed(inner));
            const up = { activation, halves: b.scratch("halves", routed(2 * inner)) };
            b.node("expertsUp", "expertsUp", { normed, chosen, gateUp: w("gateUp") }, up, attributes);
            const from = { activation, chosen, weights: share, down: w("down"), residual: id };
            const to = { y: b.boundary("y", ["tokens", hidden]), parts: b.scratch("parts", routed(hidden)) };
            b.node("expertsDown", "expertsDown", from, to, attributes);
          },
        },
        expected,
      );
    },
  };
}
