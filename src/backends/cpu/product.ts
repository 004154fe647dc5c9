/**
 * The CPU backend's one hot loop: out[i][n] = sum over k of x[i][k] * weight[n][k], f32 in, f64 sums, f32 out.
 * A 4 x 4 tile of sums keeps 16 multiplications on 8 loads. Each sum runs over k in order whatever the tile, so
 * the bits of a row do not depend on how many rows there are.
 */

/** Which rows of x are read and of out are written: row i is `from[first + i]`, or i itself where there is no list. */
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
 * @param x row-major, `inner` wide
 * @param weight [outer, inner] from `weightOffset` on
 * @param out row-major, `outWidth` wide; columns [outColumn, outColumn + outer) are written
 */
export function product(
  out: Float32Array,
  outWidth: number,
  outColumn: number,
  x: Float32Array,
  weight: Float32Array,
  weightOffset: number,
  outer: number,
  inner: number,
  rows: Rows,
): void {
  const { from, to, first, count } = rows;
  const at = (list: Uint32Array | undefined, i: number) => (list ? list[first + i]! : i);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const x0 = at(from, i) * inner;
    const x1 = at(from, i + 1) * inner;
    const x2 = at(from, i + 2) * inner;
    const x3 = at(from, i + 3) * inner;
    const o0 = at(to, i) * outWidth + outColumn;
    const o1 = at(to, i + 1) * outWidth + outColumn;
    const o2 = at(to, i + 2) * outWidth + outColumn;
    const o3 = at(to, i + 3) * outWidth + outColumn;
    let n = 0;
    for (; n + 2 <= outer; n += 2) {
      let s00 = 0,
        s01 = 0,
        s10 = 0,
        s11 = 0,
        s20 = 0,
        s21 = 0,
        s30 = 0,
        s31 = 0;
      const w0 = weightOffset + n * inner;
      const w1 = w0 + inner;
      for (let k = 0; k < inner; k++) {
        const a = weight[w0 + k]!;
        const b = weight[w1 + k]!;
        const p = x[x0 + k]!;
        const q = x[x1 + k]!;
        const r = x[x2 + k]!;
        const t = x[x3 + k]!;
        s00 += p * a;
        s01 += p * b;
        s10 += q * a;
        s11 += q * b;
        s20 += r * a;
        s21 += r * b;
        s30 += t * a;
        s31 += t * b;
      }
      out[o0 + n] = s00;
      out[o0 + n + 1] = s01;
      out[o1 + n] = s10;
      out[o1 + n + 1] = s11;
      out[o2 + n] = s20;
      out[o2 + n + 1] = s21;
      out[o3 + n] = s30;
      out[o3 + n + 1] = s31;
    }
    for (; n < outer; n++) {
      const w0 = weightOffset + n * inner;
      out[o0 + n] = dot(x, x0, weight, w0, inner);
      out[o1 + n] = dot(x, x1, weight, w0, inner);
      out[o2 + n] = dot(x, x2, weight, w0, inner);
      out[o3 + n] = dot(x, x3, weight, w0, inner);
    }
  }
  for (; i < count; i++) {
    const x0 = at(from, i) * inner;
    const o0 = at(to, i) * outWidth + outColumn;
    for (let n = 0; n < outer; n++) out[o0 + n] = dot(x, x0, weight, weightOffset + n * inner, inner);
  }
}

function dot(a: Float32Array, aOffset: number, b: Float32Array, bOffset: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[aOffset + k]! * b[bOffset + k]!;
  return sum;
}
