// include: step
override lanes: u32;
// include: reduce
// RMS norm of every token's row: x / sqrt(mean(x^2) + epsilon) * weight. A workgroup a row; bound by bytes.
struct Params { width: u32, epsilon: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> norm: array<Columns>;
@group(1) @binding(2) var<storage, read_write> x: array<Columns>;
@group(1) @binding(3) var<storage, read_write> y: array<Columns>;
// include: columns

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_token_count()) { return; }
  let width = p.width / in_columns;
  let at = row * width;
  var squares = 0.0;
  for (var k = lane; k < width; k += lanes) { squares += squares_of(x[at + k]); }
  let scale = 1.0 / sqrt(reduce_sum(squares, lane) / f32(p.width) + p.epsilon);
  for (var k = lane; k < width; k += lanes) { y[at + k] = x[at + k] * scale * norm[k]; }
}
