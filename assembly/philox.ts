/** Philox 4x32-10 for four counters, which are the lanes of vectors: see src/core/decode/philox.ts. */

/**
 * Writes four vectors: the first words of the counters [index, index + 4), then the second words, and so on.
 * The other words of a counter are position, step and 0, the stream of tokens; the key is seed and 0.
 */
export function philox(position: i32, step: i32, index: i32, seed: i32, out: usize): void {
  const a = i32x4.splat(0xd2511f53);
  const b = i32x4.splat(0xcd9e8d57);
  let c0 = i32x4.splat(position);
  let c1 = i32x4.splat(step);
  let c2 = i32x4.add(i32x4.splat(index), i32x4(0, 1, 2, 3));
  let c3 = i32x4.splat(0);
  let k0 = seed;
  let k1 = 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(a, c0);
    const high1 = multiplyHigh(b, c2);
    const low0 = i32x4.mul(a, c0);
    const low1 = i32x4.mul(b, c2);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
    c1 = low1;
    c3 = low0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  v128.store(out, c0);
  v128.store(out, c1, 16);
  v128.store(out, c2, 32);
  v128.store(out, c3, 48);
}

/** The upper halves of the products of unsigned numbers. */
@inline
function multiplyHigh(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_u(a, b);
  const high = i64x2.extmul_high_i32x4_u(a, b);
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}
