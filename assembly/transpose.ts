/** Transposes of small matrices in registers. */

/** Writes four vectors of four units of 32 bits as their columns. */
@inline
export function transpose4(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const lowAb = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const lowCd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const highAb = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const highCd = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(lowAb, lowCd, 0, 2));
  v128.store(to, v128.shuffle<i64>(lowAb, lowCd, 1, 3), 16);
  v128.store(to, v128.shuffle<i64>(highAb, highCd, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(highAb, highCd, 1, 3), 48);
}

/** The transpose of 8 × 8 units of 16 bits. */
@inline
export function transpose8(from: usize, stride: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + stride);
  const c = v128.load(from + 2 * stride);
  const d = v128.load(from + 3 * stride);
  const e = v128.load(from + 4 * stride);
  const f = v128.load(from + 5 * stride);
  const g = v128.load(from + 6 * stride);
  const h = v128.load(from + 7 * stride);
  const ab = v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  const cd = v128.shuffle<i16>(c, d, 0, 8, 1, 9, 2, 10, 3, 11);
  const ef = v128.shuffle<i16>(e, f, 0, 8, 1, 9, 2, 10, 3, 11);
  const gh = v128.shuffle<i16>(g, h, 0, 8, 1, 9, 2, 10, 3, 11);
  transpose2(ab, cd, ef, gh, to);
  const ab2 = v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  const cd2 = v128.shuffle<i16>(c, d, 4, 12, 5, 13, 6, 14, 7, 15);
  const ef2 = v128.shuffle<i16>(e, f, 4, 12, 5, 13, 6, 14, 7, 15);
  const gh2 = v128.shuffle<i16>(g, h, 4, 12, 5, 13, 6, 14, 7, 15);
  transpose2(ab2, cd2, ef2, gh2, to + 64);
}

/** Four columns, of which each vector holds two rows in turns. */
@inline
function transpose2(ab: v128, cd: v128, ef: v128, gh: v128, to: usize): void {
  const abcd = v128.shuffle<i32>(ab, cd, 0, 4, 1, 5);
  const efgh = v128.shuffle<i32>(ef, gh, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<i64>(abcd, efgh, 0, 2));
  v128.store(to, v128.shuffle<i64>(abcd, efgh, 1, 3), 16);
  const abcd2 = v128.shuffle<i32>(ab, cd, 2, 6, 3, 7);
  const efgh2 = v128.shuffle<i32>(ef, gh, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(abcd2, efgh2, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(abcd2, efgh2, 1, 3), 48);
}
