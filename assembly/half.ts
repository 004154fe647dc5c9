/** Conversions between 16 and 32 bits. */

/** Four f32 of four f16, which stand in the low halves of the lanes. */
@inline
export function f16ToF32x4(bits: v128): v128 {
  const magnitude = i32x4.shl(v128.and(bits, i32x4.splat(0x7fff)), 13);
  // 2^112 moves the exponent's bias from 15 to 127; infinity and NaN keep the highest exponent.
  const value = f32x4.mul(magnitude, f32x4.splat(<f32>5.192296858534828e33));
  const special = v128.and(i32x4.ge_s(magnitude, i32x4.splat(0x0f800000)), i32x4.splat(0x7f800000));
  const sign = i32x4.shl(v128.and(bits, i32x4.splat(0x8000)), 16);
  return v128.or(v128.or(value, special), sign);
}

@inline
export function f16ToF32(bits: u16): f32 {
  return f32x4.extract_lane(f16ToF32x4(i32x4.splat(<i32>bits)), 0);
}

/** Four f32 of four bf16, which stand in the low halves of the lanes. */
@inline
export function bf16ToF32x4(bits: v128): v128 {
  return i32x4.shl(bits, 16);
}

/** The nearest finite f16, ties to even. NaN stays NaN. */
export function f32ToFiniteF16(value: f32): u16 {
  const bits = reinterpret<u32>(value);
  const sign = (bits >> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return <u16>(sign | 0x7e00);
  if (magnitude >= 0x477fe000) return <u16>(sign | 0x7bff);
  // Below 2^-14 the result is a multiple of 2^-24: the sum with 0.5 has those steps as its last bits.
  if (magnitude < 0x38800000) {
    const rounded = reinterpret<u32>(reinterpret<f32>(magnitude) + <f32>0.5);
    return <u16>(sign | (rounded - 0x3f000000));
  }
  const rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  return <u16>(sign | ((rounded - 0x38000000) >> 13));
}
