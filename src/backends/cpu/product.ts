/**
 * The hot loop of the CPU backend: out[i][n] = sum over k of x[i][k] * weight[n][k], with f32 inputs, f64 sums, f32 out.
 * A 2 x 3 tile of sums makes 6 multiplications of 5 loads and fits into 16 registers; V8 multiplies before it adds, so a
 * tile of 8 sums spills. Each sum runs over k in order whatever the tile, so the bits of a row do not depend on the
 * number of rows.
 */
import type { WeightRows } from "./weightRows.ts";

/** The rows of x that are read and of out that are written: row i is `from[first + i]`, or i itself without a list. */
export interface Rows {
  readonly from: Uint32Array | undefined;
  readonly to: Uint32Array | undefined;
  readonly first: number;
  readonly count: number;
}

/** The first `count` rows, in place. */
export function allRows(count: number): Rows {
  return { from: undefined, to: undefined, first: 0, count };
}

/**
 * @param out row-major, `outWidth` wide; columns [0, outFeatures) are written
 * @param x row-major, as wide as the weight
 * @param weight rows [firstRow, firstRow + outFeatures) of it are multiplied
 */
export function product(
  out: Float32Array,
  outWidth: number,
  x: Float32Array,
  weight: WeightRows,
  firstRow: number,
  outFeatures: number,
  rows: Rows,
): void {
  const chunk = Math.min(outFeatures, weight.maxRows);
  for (let column = 0; column < outFeatures; column += chunk) {
    const count = Math.min(chunk, outFeatures - column);
    const { data, at } = weight.read(firstRow + column, firstRow + column + count);
    columnsOfProduct(out, outWidth, column, x, data, at, count, weight.columns, rows);
  }
}

/** Columns [outColumn, outColumn + outFeatures), of rows of f32 from `weightOffset` on. */
function columnsOfProduct(
  out: Float32Array,
  outWidth: number,
  outColumn: number,
  x: Float32Array,
  weight: Float32Array,
  weightOffset: number,
  outFeatures: number,
  inFeatures: number,
  rows: Rows,
): void {
  const { from, to, first, count } = rows;
  const at = (list: Uint32Array | undefined, i: number) => (list ? list[first + i]! : i);
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const x0 = at(from, i) * inFeatures;
    const x1 = at(from, i + 1) * inFeatures;
    const o0 = at(to, i) * outWidth + outColumn;
    const o1 = at(to, i + 1) * outWidth + outColumn;
    let n = 0;
    for (; n + 3 <= outFeatures; n += 3) {
      let s00 = 0;
      let s01 = 0;
      let s02 = 0;
      let s10 = 0;
      let s11 = 0;
      let s12 = 0;
      const w0 = weightOffset + n * inFeatures;
      const w1 = w0 + inFeatures;
      const w2 = w1 + inFeatures;
      for (let k = 0; k < inFeatures; k++) {
        const p = x[x0 + k]!;
        const q = x[x1 + k]!;
        const a = weight[w0 + k]!;
        const b = weight[w1 + k]!;
        const c = weight[w2 + k]!;
        s00 += p * a;
        s01 += p * b;
        s02 += p * c;
        s10 += q * a;
        s11 += q * b;
        s12 += q * c;
      }
      out[o0 + n] = s00;
      out[o0 + n + 1] = s01;
      out[o0 + n + 2] = s02;
      out[o1 + n] = s10;
      out[o1 + n + 1] = s11;
      out[o1 + n + 2] = s12;
    }
    row(out, o0, x, x0, weight, weightOffset, n, outFeatures, inFeatures);
    row(out, o1, x, x1, weight, weightOffset, n, outFeatures, inFeatures);
  }
  if (i < count) {
    row(
      out,
      at(to, i) * outWidth + outColumn,
      x,
      at(from, i) * inFeatures,
      weight,
      weightOffset,
      0,
      outFeatures,
      inFeatures,
    );
  }
}

/** Columns [start, end) of one row. Six sums at a time, as a single one would wait for each addition. */
function row(
  out: Float32Array,
  outOffset: number,
  x: Float32Array,
  xOffset: number,
  weight: Float32Array,
  weightOffset: number,
  start: number,
  end: number,
  inFeatures: number,
): void {
  let n = start;
  for (; n + 6 <= end; n += 6) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    let s5 = 0;
    const w0 = weightOffset + n * inFeatures;
    const w1 = w0 + inFeatures;
    const w2 = w1 + inFeatures;
    const w3 = w2 + inFeatures;
    const w4 = w3 + inFeatures;
    const w5 = w4 + inFeatures;
    for (let k = 0; k < inFeatures; k++) {
      const p = x[xOffset + k]!;
      s0 += p * weight[w0 + k]!;
      s1 += p * weight[w1 + k]!;
      s2 += p * weight[w2 + k]!;
      s3 += p * weight[w3 + k]!;
      s4 += p * weight[w4 + k]!;
      s5 += p * weight[w5 + k]!;
    }
    out[outOffset + n] = s0;
    out[outOffset + n + 1] = s1;
    out[outOffset + n + 2] = s2;
    out[outOffset + n + 3] = s3;
    out[outOffset + n + 4] = s4;
    out[outOffset + n + 5] = s5;
  }
  for (; n < end; n++) {
    let sum = 0;
    const w = weightOffset + n * inFeatures;
    for (let k = 0; k < inFeatures; k++) sum += x[xOffset + k]! * weight[w + k]!;
    out[outOffset + n] = sum;
  }
}
