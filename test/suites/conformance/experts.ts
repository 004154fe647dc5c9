/** route, expertsUp and expertsDown. */
import { dtypeInfo, plainRouting, type Routing } from "../../../src/core/tensor/index.ts";
import type { Case, Surroundings } from "../suite.ts";
import type { StoredDType, Weight } from "./harness.ts";
import { quantize } from "./quantize.ts";
import { generator, matrix } from "./random.ts";
import { add, gated, linear, rmsNorm, routed, toRows } from "./reference.ts";
import { checkRows, epsilon, setting } from "./tokenRows.ts";

interface Mixture {
  readonly name: string;
  readonly hidden: number;
  readonly experts: number;
  readonly topK: number;
  readonly length: number;
  readonly routing: Routing;
  readonly bias: boolean;
  /** All rows of the router alike, so that the lowest experts must win. */
  readonly tied: boolean;
  /** Rows of an expert's gate, and columns of its down matrix. */
  readonly intermediate?: number;
  readonly residual?: boolean;
  /** The type of matrices, if they are quantized. */
  readonly quantized?: StoredDType;
}
const sigmoid = { ...plainRouting, score: "sigmoid", normalize: true, scale: 2.5 } as const;
const some = { hidden: 24, experts: 8, topK: 2, length: 11, routing: plainRouting, bias: false, tied: false };
const mixtures: readonly Mixture[] = [
  { ...some, name: "two of eight" },
  { ...some, name: "one token", length: 1 },
  { ...some, name: "columns that end within a four", hidden: 22 },
  {
    ...some,
    name: "three of five, normalized",
    experts: 5,
    topK: 3,
    routing: { ...plainRouting, normalize: true },
  },
  { ...some, name: "router bias", bias: true },
  { ...some, name: "ties", tied: true },
  { ...some, name: "all experts", experts: 3, topK: 3 },
  { ...some, name: "sigmoid", routing: sigmoid },
  { ...some, name: "sigmoid, bias for the choice alone", bias: true, routing: sigmoid },
  { ...some, name: "sigmoid, not normalized", routing: { ...sigmoid, normalize: false } },
  {
    ...some,
    name: "three of twelve, in two of four groups, biased",
    experts: 12,
    topK: 3,
    bias: true,
    routing: { ...sigmoid, groups: 4, topGroups: 2 },
  },
  {
    ...some,
    name: "groups of one, softmax",
    experts: 6,
    topK: 2,
    routing: { ...plainRouting, groups: 6, topGroups: 3 },
  },
  { ...some, name: "ties between groups", tied: true, routing: { ...sigmoid, groups: 4, topGroups: 2 } },
  { ...some, name: "no residual", residual: false },
  ...(["q8_0", "q4_0"] as const).map((quantized) => ({
    ...some,
    name: quantized,
    hidden: dtypeInfo(quantized).blockElements,
    intermediate: dtypeInfo(quantized).blockElements,
    experts: 5,
    length: 19,
    quantized,
  })),
  { ...some, name: "bf16", intermediate: 24, experts: 5, length: 19, quantized: "bf16" },
  {
    ...some,
    name: "bf16, all tokens to the same experts, and a shared one",
    intermediate: 24,
    length: 70,
    tied: true,
    routing: { ...sigmoid, shared: 1 },
    quantized: "bf16",
  },
  { ...some, name: "shared expert", routing: { ...plainRouting, shared: 1 } },
  {
    ...some,
    name: "groups and a shared expert, many tokens",
    experts: 16,
    topK: 3,
    length: 40,
    bias: true,
    routing: { ...sigmoid, groups: 4, topGroups: 2, shared: 1 },
  },
];

export function expertsCases(surroundings: Surroundings): readonly Case[] {
  return mixtures.map((mixture, index) => expertsCase(surroundings, index, mixture));
}

function expertsCase(surroundings: Surroundings, index: number, mixture: Mixture): Case {
  const { hidden, experts, topK, length, routing } = mixture;
  const all = experts + routing.shared;
  const ranks = topK + routing.shared;
  const { intermediate = 10, residual = true } = mixture;
  return {
    name: `route and experts: ${mixture.name}`,
    run: async () => {
      const { weight, embedding, x, slots, spans } = setting(400 + index, hidden, length, mixture);
      // Small, so that no expert takes all of the softmax.
      const routerInF32: Weight = {
        shape: [experts, hidden],
        data: matrix(generator(450 + index), experts, hidden, 0.02),
      };
      if (mixture.tied) for (let e = 1; e < experts; e++) routerInF32.data.copyWithin(e * hidden, 0, hidden);
      const router = quantize(routerInF32, mixture.quantized);
      const weights = {
        embedding,
        norm: weight(hidden),
        router,
        bias: weight(experts),
        gateUp: weight(all, 2 * intermediate, hidden),
        down: weight(all, hidden, intermediate),
      };
      const norm = Array.from(weights.norm.data);
      const gateUp = toRows(weights.gateUp.data, 2 * intermediate * hidden).map((expert) =>
        toRows(expert, hidden),
      );
      const down = toRows(weights.down.data, hidden * intermediate).map((expert) =>
        toRows(expert, intermediate),
      );
      const start = (row: readonly number[]) => (residual ? row : row.map(() => 0));
      const expected = x.map((row) => {
        const normed = rmsNorm(row, norm, epsilon);
        const bias = mixture.bias ? Array.from(weights.bias.data) : undefined;
        const shares = routed(linear(normed, toRows(router.data, hidden)), bias, topK, routing);
        return shares.reduce<readonly number[]>((sum, [expert, share]) => {
          const part = linear(gated(normed, gateUp[expert]!), down[expert]!);
          return add(
            sum,
            part.map((value) => value * share),
          );
        }, start(row));
      });
      const wide = (width: number) => [{ of: "tokens", times: ranks }, width] as const;
      await checkRows(
        surroundings,
        {
          weights,
          hidden,
          slots,
          spans,
          body: (b, id, w) => {
            const normed = b.scratch("normed", ["tokens", hidden]);
            const topkIds = b.scratch("topkIds", wide(1), "u32");
            const topkWeights = b.scratch("topkWeights", wide(1));
            const inputs = {
              x: id,
              norm: w("norm"),
              router: w("router"),
              bias: mixture.bias ? w("bias") : undefined,
            };
            const outputs = { normed, topkIds, topkWeights };
            b.node("route", "route", inputs, outputs, { experts, topK, ...routing, epsilon });
            const attributes = { experts: all, topK: ranks, intermediate };
            const activation = b.scratch("activation", wide(intermediate));
            const up = { activation, halves: b.scratch("halves", wide(2 * intermediate)) };
            b.node("expertsUp", "expertsUp", { normed, topkIds, gateUp: w("gateUp") }, up, attributes);
            const from = {
              activation,
              topkIds,
              topkWeights,
              down: w("down"),
              residual: residual ? id : undefined,
            };
            const to = { y: b.boundary("y", ["tokens", hidden]), parts: b.scratch("parts", wide(hidden)) };
            b.node("expertsDown", "expertsDown", from, to, attributes);
          },
        },
        expected,
      );
    },
  };
}
