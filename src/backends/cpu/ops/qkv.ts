import { type NodeOf, twinDistance } from "../../../core/tensor/index.ts";
import type { Kernel } from "../../host/pass.ts";
import { rmsNorm, rmsNormRows } from "../norm.ts";
import type { Memory } from "../pass.ts";
import { allRows, product } from "../product.ts";

/** Norm, projections, head norms, RoPE; queries to the arena, keys and values to their positions in the pool. */
export function qkv(node: NodeOf<"qkv">, memory: Memory): Kernel {
  const { heads, kvHeads, headDimension, rotaryDimension, epsilon } = node.attributes;
  const { inputs, outputs } = node;
  const x = memory.f32(inputs.x!);
  const norm = memory.f32(inputs.norm!);
  const weight = memory.matrix(inputs.weight!);
  const bias = memory.optionalF32(inputs.bias);
  const queryNorm = memory.optionalF32(inputs.queryNorm);
  const keyNorm = memory.optionalF32(inputs.keyNorm);
  const rope = memory.f32(inputs.rope!);
  const keys = memory.cache(inputs.keys!, "keys");
  const values = memory.cache(inputs.values!, "values");
  const query = memory.f32(outputs.query);
  const normed = memory.f32(outputs.normed);
  const hidden = norm.length;
  const queryWidth = heads * headDimension;
  const keyWidth = kvHeads * headDimension;

  /** Rows [weightRow, weightRow + width) of the weight, for `rows` tokens from `row` on, to `out` from `at` on. */
  const projected = (
    out: Float32Array,
    at: number,
    weightRow: number,
    width: number,
    row: number,
    rows: number,
  ) => {
    const target = out.subarray(at, at + rows * width);
    const source = normed.subarray(row * hidden, (row + rows) * hidden);
    product(target, width, source, weight, weightRow, width, allRows(rows));
    if (bias) {
      for (let i = 0; i < rows; i++) {
        for (let n = 0; n < width; n++) target[i * width + n]! += bias[weightRow + n]!;
      }
    }
  };
  const rotated = (out: Float32Array, at: number, headNorm: Float32Array | undefined, position: number) => {
    if (headNorm) rmsNorm(out, at, headNorm, out, at, headDimension, epsilon);
    rotate(out, at, rope, position * rotaryDimension, rotaryDimension / 2);
  };

  return ({ spans, tokens }) => {
    rmsNormRows(x, norm, normed, tokens, hidden, epsilon);
    projected(query, 0, 0, queryWidth, 0, tokens);
    for (const span of spans) {
      const { start, end, row, memory: slot } = span;
      const count = end - start;
      const rotatedStart = start - twinDistance(span);
      for (let i = 0; i < count; i++) {
        for (let head = 0; head < heads; head++) {
          rotated(query, (row + i) * queryWidth + head * headDimension, queryNorm, rotatedStart + i);
        }
      }
      const first = slot.base + start;
      keys.write(first, first + count, ({ data, at }) => {
        projected(data, at, queryWidth, keyWidth, row, count);
        for (let i = 0; i < count; i++) {
          for (let head = 0; head < kvHeads; head++) {
            rotated(data, at + i * keyWidth + head * headDimension, keyNorm, rotatedStart + i);
          }
        }
      });
      values.write(first, first + count, ({ data, at }) => {
        projected(data, at, queryWidth + keyWidth, keyWidth, row, count);
      });
    }
  };
}

/** Rotates the pairs (k, k + half) of one head. The table holds `half` cosines, then `half` sines. */
function rotate(out: Float32Array, at: number, rope: Float32Array, table: number, half: number): void {
  for (let k = 0; k < half; k++) {
    const cosine = rope[table + k]!;
    const sine = rope[table + half + k]!;
    const a = out[at + k]!;
    const b = out[at + half + k]!;
    out[at + k] = a * cosine - b * sine;
    out[at + half + k] = b * cosine + a * sine;
  }
}
