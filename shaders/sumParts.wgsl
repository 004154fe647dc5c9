// include: step
// y = the sum of a product's parts, in order, plus an optional bias and residual; with `gated` silu(gate) * up, whose parts
// follow the gate's in each row. A lane a column of a row; bound by bytes.
override gated = false;
override has_bias = false;
override has_residual = false;
struct Params {
  parts: u32,
  /// Columns of y in this shard, and the first of them.
  out_features: u32,
  column: u32,
  /// Columns of y.
  width: u32,
}
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> bias: array<f32>;
@group(1) @binding(2) var<storage, read_write> parts: array<f32>;
@group(1) @binding(3) var<storage, read_write> residual: array<f32>;
@group(1) @binding(4) var<storage, read_write> y: array<f32>;

fn sum_of(row: u32, column: u32) -> f32 {
  let columns = select(p.out_features, 2u * p.out_features, gated);
  var sum = 0.0;
  for (var part = 0u; part < p.parts; part++) { sum += parts[(part * step_token_count() + row) * columns + column]; }
  return sum;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let column = group.y * 64u + lane;
  if (row >= step_token_count() || column >= p.out_features) { return; }
  var value = sum_of(row, column);
  if (gated) { value = value / (1.0 + exp(-value)) * sum_of(row, p.out_features + column); }
  let n = p.column + column;
  if (has_bias) { value += bias[n]; }
  if (has_residual) { value += residual[row * p.width + n]; }
  y[row * p.width + n] = value;
}
