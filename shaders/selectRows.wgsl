// include: step
override lanes: u32;
// include: reduce
// Final hidden states of the wanted rows: RMS norm, and with classifier-free guidance u + (scale + 1) (c - u). A workgroup
// a row; bound by bytes.
struct Params { width: u32, epsilon: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> norm: array<f32>;
@group(1) @binding(2) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(3) var<storage, read_write> x: array<f32>;
@group(1) @binding(4) var<storage, read_write> hidden: array<f32>;

fn scale_of(row: u32, lane: u32) -> f32 {
  var squares = 0.0;
  for (var k = lane; k < p.width; k += lanes) { squares += x[row * p.width + k] * x[row * p.width + k]; }
  return 1.0 / sqrt(reduce_sum(squares, lane) / f32(p.width) + p.epsilon);
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= step_row_count()) { return; }
  let row = rows[group.x];
  if (row.request == NONE) { return; }
  let scale = scale_of(row.token, lane);
  if (row.guidance_token == NONE) {
    for (var k = lane; k < p.width; k += lanes) {
      hidden[group.x * p.width + k] = x[row.token * p.width + k] * scale * norm[k];
    }
    return;
  }
  let other = scale_of(row.guidance_token, lane);
  let guidance = request_guidance_scale(row.request) + 1.0;
  for (var k = lane; k < p.width; k += lanes) {
    let conditional = x[row.token * p.width + k] * scale * norm[k];
    let free = x[row.guidance_token * p.width + k] * other * norm[k];
    hidden[group.x * p.width + k] = free + guidance * (conditional - free);
  }
}
