/** embed, project and mlp. */
import type { Case, Surroundings } from "../suite.ts";
import type { StoredDType } from "./harness.ts";
import { add, gated, linear, rmsNorm, toRows } from "./reference.ts";
import { checkRows, epsilon, setting, vocabulary } from "./tokenRows.ts";

interface Size {
  readonly hidden: number;
  /** Columns of what `project` gives. */
  readonly out: number;
  /** Columns between the two products of `mlp`. */
  readonly intermediate: number;
  readonly length: number;
  readonly bias: boolean;
  readonly residual: boolean;
  /** The type of matrices, if they are quantized. */
  readonly quantized?: StoredDType;
}

const sizes: readonly Size[] = [
  { hidden: 8, out: 8, intermediate: 8, length: 1, bias: false, residual: true },
  { hidden: 24, out: 24, intermediate: 40, length: 7, bias: true, residual: true },
  { hidden: 33, out: 33, intermediate: 17, length: 13, bias: false, residual: true },
  { hidden: 24, out: 40, intermediate: 24, length: 9, bias: true, residual: false },
  { hidden: 20, out: 12, intermediate: 20, length: 3, bias: false, residual: false },
  { hidden: 24, out: 31, intermediate: 40, length: 7, bias: true, residual: true, quantized: "bf16" },
  { hidden: 33, out: 20, intermediate: 17, length: 3, bias: false, residual: true, quantized: "bf16" },
  { hidden: 520, out: 136, intermediate: 72, length: 19, bias: true, residual: false, quantized: "bf16" },
  { hidden: 64, out: 130, intermediate: 520, length: 131, bias: false, residual: true, quantized: "bf16" },
  { hidden: 32, out: 31, intermediate: 64, length: 1, bias: true, residual: true, quantized: "q8_0" },
  { hidden: 96, out: 77, intermediate: 32, length: 19, bias: false, residual: false, quantized: "q8_0" },
  { hidden: 32, out: 31, intermediate: 64, length: 1, bias: true, residual: true, quantized: "q4_0" },
  { hidden: 96, out: 77, intermediate: 32, length: 19, bias: false, residual: false, quantized: "q4_0" },
  { hidden: 256, out: 31, intermediate: 512, length: 1, bias: true, residual: true, quantized: "q4_k" },
  { hidden: 768, out: 33, intermediate: 256, length: 19, bias: false, residual: false, quantized: "q4_k" },
  { hidden: 256, out: 31, intermediate: 512, length: 1, bias: true, residual: true, quantized: "q6_k" },
  { hidden: 768, out: 33, intermediate: 256, length: 19, bias: false, residual: false, quantized: "q6_k" },
];

export function feedForwardCases(surroundings: Surroundings): readonly Case[] {
  return sizes.flatMap((size, index) => [
    { name: `project: ${nameOf(size)}`, run: () => projectCase(surroundings, size, 200 + index) },
    { name: `mlp: ${nameOf(size)}`, run: () => mlpCase(surroundings, size, 300 + index) },
  ]);
}

function nameOf({ hidden, out, intermediate, length, residual, quantized }: Size): string {
  const options = [residual ? "" : ", no residual", quantized ? `, ${quantized}` : ""].join("");
  return `${hidden} to ${out} or ${intermediate}, ${length} rows${options}`;
}

async function projectCase(surroundings: Surroundings, size: Size, seed: number): Promise<void> {
  const { hidden, out, length } = size;
  const { weight, embedding, x, slots, spans } = setting(seed, hidden, length, size);
  const weights = {
    embedding,
    other: weight(vocabulary, out),
    weight: weight(out, hidden),
    bias: weight(out),
  };
  const residuals = toRows(weights.other.data, out);
  const matrixRows = toRows(weights.weight.data, hidden);
  const bias = size.bias ? Array.from(weights.bias.data) : undefined;
  await checkRows(
    surroundings,
    {
      weights,
      hidden,
      slots,
      spans,
      body: (b, id, w) => {
        const residual = b.scratch("residual", ["tokens", out]);
        if (size.residual) b.node("embed", "other", { weight: w("other") }, { x: residual }, { hidden: out });
        const inputs = {
          x: id,
          weight: w("weight"),
          bias: bias ? w("bias") : undefined,
          residual: size.residual ? residual : undefined,
        };
        const y = b.boundary("y", ["tokens", out]);
        b.node("project", "project", inputs, { y }, { outFeatures: out, inFeatures: hidden });
      },
    },
    x.map((row, index) => {
      const projected = linear(row, matrixRows, bias);
      return size.residual ? add(residuals[slots[0]![index]!]!, projected) : projected;
    }),
  );
}

async function mlpCase(surroundings: Surroundings, size: Size, seed: number): Promise<void> {
  const { hidden, intermediate, length } = size;
  const { weight, embedding, x, slots, spans } = setting(seed, hidden, length, size);
  const weights = {
    embedding,
    norm: weight(hidden),
    gateUp: weight(2 * intermediate, hidden),
    down: weight(hidden, intermediate),
  };
  const gateUp = toRows(weights.gateUp.data, hidden);
  const down = toRows(weights.down.data, intermediate);
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
          halves: b.scratch("halves", ["tokens", 2 * intermediate]),
          activation: b.scratch("activation", ["tokens", intermediate]),
        };
        const inputs = {
          x: id,
          norm: w("norm"),
          gateUp: w("gateUp"),
          down: w("down"),
          residual: size.residual ? id : undefined,
        };
        b.node("mlp", "mlp", inputs, outputs, { intermediate, epsilon });
      },
    },
    x.map((row) => {
      const fed = linear(gated(rmsNorm(row, norm, epsilon), gateUp), down);
      return size.residual ? add(row, fed) : fed;
    }),
  );
}
