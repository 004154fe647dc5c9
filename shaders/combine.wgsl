// include: step
// y = the sum of weight * part over a token's experts, best expert first, plus a residual where there is one. A lane a column;
// bound by bytes.
override has_residual = false;
struct Params { hidden: u32, top_k: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> parts: array<f32>;
@group(1) @binding(2) var<storage, read_write> topk_weights: array<f32>;
@group(1) @binding(3) var<storage, read_write> residual: array<f32>;
@group(1) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let column = group.y * 64u + lane;
  if (row >= step_token_count() || column >= p.hidden) { return; }
  var sum = 0.0;
  for (var rank = 0u; rank < p.top_k; rank++) {
    let routed = row * p.top_k + rank;
    sum += topk_weights[routed] * parts[routed * p.hidden + column];
  }
  let at = row * p.hidden + column;
  if (has_residual) { sum += residual[at]; }
  y[at] = sum;
}
