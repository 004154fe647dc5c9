/** embed, project and mlp. */
import type { Case, Surroundings } from "../suite.ts";
import { add, gated, linear, rmsNorm, toRows } from "./reference.ts";
import { checkRows, epsilon, setting, vocabulary } from "./tokenRows.ts";

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
        await checkRows(
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
        await checkRows(
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
