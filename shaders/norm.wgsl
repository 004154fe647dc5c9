// include: step
override lanes: u32;
// include: reduce
// RMS norm of every token's row: x / sqrt(mean(x^2) + epsilon) * weight. A workgroup a row; bound by bytes.
struct Params { width: u32, epsilon: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> norm: array<f32>;
@group(1) @binding(2) var<storage, read_write> x: array<f32>;
@group(1) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= token_count() || sleeping()) { return; }
  var squares = 0.0;
  for (var k = lane; k < p.width; k += lanes) {
    let value = x[row * p.width + k];
    squares += value * value;
  }
  let scale = 1.0 / sqrt(reduce_sum(squares, lane) / f32(p.width) + p.epsilon);
  for (var k = lane; k < p.width; k += lanes) {
    y[row * p.width + k] = x[row * p.width + k] * scale * norm[k];
  }
}
