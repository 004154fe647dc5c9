/** Functions of vectors. */

/**
 * a * b + c. The kernels with relaxed SIMD round once where the processor has such an instruction; the others round the product
 * first, on every processor.
 */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(c, f32x4.mul(a, b));
}

/** exp(x) to about one unit in the last place; below -87.3 the smallest normal number. Source: expf of Cephes. */
@inline
export function exp(x: v128): v128 {
  // pmin and pmax are one instruction each, and keep a NaN that is their first operand.
  const clamped = f32x4.pmin(f32x4.pmax(x, f32x4.splat(<f32>-87.33)), f32x4.splat(<f32>88.37));
  // With 1.5 * 2^23 added, the last bits of a number are the nearest integer.
  const integer = f32x4.add(f32x4.mul(clamped, f32x4.splat(<f32>1.44269504088896341)), f32x4.splat(<f32>12582912));
  const n = f32x4.sub(integer, f32x4.splat(<f32>12582912));
  // ln 2 in two parts, so that the difference is exact.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(<f32>0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(<f32>-2.12194440e-4)));
  let p = f32x4.splat(<f32>1.9875691500e-4);
  p = multiplyAdd(p, r, f32x4.splat(<f32>1.3981999507e-3));
  p = multiplyAdd(p, r, f32x4.splat(<f32>8.3334519073e-3));
  p = multiplyAdd(p, r, f32x4.splat(<f32>4.1665795894e-2));
  p = multiplyAdd(p, r, f32x4.splat(<f32>1.6666665459e-1));
  p = multiplyAdd(p, r, f32x4.splat(<f32>5.0000001201e-1));
  p = f32x4.add(multiplyAdd(f32x4.mul(r, r), p, r), f32x4.splat(1));
  const power = i32x4.add(i32x4.shl(integer, 23), i32x4.splat(0x3f800000));
  return f32x4.mul(p, power);
}

/** silu(gate) * up */
@inline
export function gated(gate: v128, up: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.mul(f32x4.div(gate, f32x4.add(one, exp(f32x4.neg(gate)))), up);
}

@inline
export function sumOfLanes(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

@inline
export function maxOfLanes(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<i32>(x, x, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** RMS norm of a row: x / sqrt(mean(x^2) + epsilon) * weight. The squares are summed in f64. In place allowed. */
export function normRow(x: usize, weight: usize, out: usize, width: i32, epsilon: f64): void {
  let low = f64x2.splat(0);
  let high = low;
  const whole = <usize>(width & ~3) << 2;
  const end = <usize>width << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const v = v128.load(x + at);
    const a = f64x2.promote_low_f32x4(v);
    const b = f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let squares = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (let at = whole; at < end; at += 4) squares += <f64>load<f32>(x + at) * <f64>load<f32>(x + at);
  const scale = <f32>(1 / sqrt<f64>(squares / <f64>width + epsilon));
  const scales = f32x4.splat(scale);
  for (let at: usize = 0; at < whole; at += 16)
    v128.store(out + at, f32x4.mul(f32x4.mul(v128.load(x + at), scales), v128.load(weight + at)));
  for (let at = whole; at < end; at += 4)
    store<f32>(out + at, load<f32>(x + at) * scale * load<f32>(weight + at));
}
