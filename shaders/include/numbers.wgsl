// Functions that WGSL does not specify precisely enough: a logarithm of full f32 precision, Philox 4x32-10, and tests of bits
// for NaN and infinity, which compilers may assume not to occur.
const LOWEST = -1.0e30;
const INFINITY_BITS = 0x7f800000u;

fn is_finite(value: f32) -> bool { return (bitcast<u32>(value) & INFINITY_BITS) != INFINITY_BITS; }
fn is_minus_infinity(value: f32) -> bool { return bitcast<u32>(value) == 0xff800000u; }

/// Larger floats have larger keys.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}

/// ln(1 + s) for s in [sqrt(1/2) - 1, sqrt(2) - 1], by the series of ln((1 + z) / (1 - z)).
fn log_near_one(s: f32) -> f32 {
  let z = s / (2.0 + s);
  let square = z * z;
  let tail = square * (0.33333333 + square * (0.2 + square * (0.14285714 + square * (0.11111111 + square * 0.09090909))));
  return 2.0 * z + 2.0 * z * tail;
}

/// Natural logarithm of a normal positive number, to about one unit in the last place.
fn precise_log(value: f32) -> f32 {
  let bits = bitcast<u32>(value);
  var exponent = i32(bits >> 23u) - 127;
  var mantissa = bitcast<f32>((bits & 0x007fffffu) | 0x3f800000u);
  if (mantissa > 1.41421356) {
    mantissa = mantissa * 0.5;
    exponent++;
  }
  return f32(exponent) * 0.69314718 + log_near_one(mantissa - 1.0);
}

/// ln(1 + value) for value >= 0, precise for small values too.
fn log_one_plus(value: f32) -> f32 {
  if (value < 0.4) { return log_near_one(value); }
  return precise_log(1.0 + value);
}

fn multiply_high(a: u32, b: u32) -> u32 {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

/// Source: Salmon et al., SC 2011. The same numbers as core/decode/philox.ts.
fn philox(counter: vec4<u32>, key: u32) -> vec4<u32> {
  var c = counter;
  var k0 = key;
  var k1 = 0u;
  for (var round = 0; round < 10; round++) {
    let high0 = multiply_high(0xd2511f53u, c.x);
    let low0 = 0xd2511f53u * c.x;
    let high1 = multiply_high(0xcd9e8d57u, c.z);
    let low1 = 0xcd9e8d57u * c.z;
    c = vec4<u32>(high1 ^ c.y ^ k0, low1, high0 ^ c.w ^ k1, low0);
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  return c;
}

/// -ln U for U = (bits + 1/2) / 2^32, also near U = 1, where U itself would round to 1.
fn minus_log_uniform(bits: u32) -> f32 {
  if (bits < 0x80000000u) { return -precise_log((f32(bits) + 0.5) * 2.3283064e-10); }
  let rest = (f32(~bits) + 0.5) * 2.3283064e-10;
  // ln(1 - rest) = ln of a mantissa near one, or of its half.
  if (rest > 0.2928) { return -(log_near_one(1.0 - 2.0 * rest) - 0.69314718); }
  return -log_near_one(-rest);
}

/// Standard Gumbel noise of each of four tokens: 4 * index + 0 .. 3.
fn gumbel4(seed: u32, position: u32, sequence_step: u32, index: u32) -> vec4<f32> {
  let bits = philox(vec4<u32>(position, sequence_step, index, 0u), seed);
  return -vec4<f32>(
    precise_log(minus_log_uniform(bits.x)), precise_log(minus_log_uniform(bits.y)),
    precise_log(minus_log_uniform(bits.z)), precise_log(minus_log_uniform(bits.w)),
  );
}
fn gumbel(seed: u32, position: u32, sequence_step: u32, token: u32) -> f32 {
  return gumbel4(seed, position, sequence_step, token / 4u)[token % 4u];
}
