// include: step
// Rows of activations in int8, for products in integers: of each block of 32 elements a scale, max |x| / 127, and the rounded
// quotients. A row is its bytes, four a word, then the scales in f32. A lane a block; bound by bytes.
struct Params {
  columns: u32,
  /// Rows of x for each token.
  times: u32,
}
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> x: array<vec4<f32>>;
@group(1) @binding(2) var<storage, read_write> y: array<u32>;

const sign_free = 0x7fffffffu;
const infinity = 0x7f800000u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let block = group.y * 64u + lane;
  let blocks = p.columns / 32u;
  if (row >= step_token_count() * p.times || block >= blocks) { return; }
  let at = row * (p.columns / 4u) + block * 8u;
  let to = row * (9u * blocks) + block * 8u;
  // Bits of floats without sign are in the order of their values, with infinity and NaN at the end.
  var highest = vec4<u32>(0u);
  for (var i = 0u; i < 8u; i++) { highest = max(highest, bitcast<vec4<u32>>(x[at + i]) & vec4<u32>(sign_free)); }
  let bits = max(max(highest.x, highest.y), max(highest.z, highest.w));
  let scale = bitcast<f32>(bits) / 127.0;
  let is_finite = bits < infinity;
  // Below that the quotient would overflow; such a block counts as zeros.
  let inverse = select(0.0, 1.0 / scale, is_finite && scale > 1.0e-37);
  for (var i = 0u; i < 8u; i++) {
    let values = select(vec4<f32>(0.0), x[at + i], is_finite);
    y[to + i] = pack4xI8(vec4<i32>(round(values * inverse)));
  }
  // A block that is not finite makes its sums NaN, as in f32.
  y[row * (9u * blocks) + 8u * blocks + block] = select(0x7fc00000u, bitcast<u32>(scale), is_finite);
}
