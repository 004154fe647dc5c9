// include: step
override lanes: u32;
// include: reduce
// The wanted rows: final RMS norm, and for guided ones u + (scale + 1) (c - u). A workgroup a row; bound by bytes.
// rows: (token row, guiding token row or NONE, request or NONE, position) a wanted row.
struct Params { width: u32, epsilon: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> norm: array<f32>;
@group(1) @binding(2) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(3) var<storage, read_write> x: array<f32>;
@group(1) @binding(4) var<storage, read_write> hidden: array<f32>;

fn scale_of(row: u32, lane: u32) -> f32 {
  var squares = 0.0;
  for (var k = lane; k < p.width; k += lanes) { squares += x[row * p.width + k] * x[row * p.width + k]; }
  return 1.0 / sqrt(reduce_sum(squares, lane) / f32(p.width) + p.epsilon);
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= step_word(2u) || sleeping()) { return; }
  let row = rows[group.x];
  if (row.z == NONE) { return; }
  let scale = scale_of(row.x, lane);
  if (row.y == NONE) {
    for (var k = lane; k < p.width; k += lanes) {
      hidden[group.x * p.width + k] = x[row.x * p.width + k] * scale * norm[k];
    }
    return;
  }
  let other = scale_of(row.y, lane);
  let guidance = request_float(row.z, 11u) + 1.0;
  for (var k = lane; k < p.width; k += lanes) {
    let conditional = x[row.x * p.width + k] * scale * norm[k];
    let free = x[row.y * p.width + k] * other * norm[k];
    hidden[group.x * p.width + k] = free + guidance * (conditional - free);
  }
}
