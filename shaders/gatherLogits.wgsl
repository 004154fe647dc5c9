// include: step
override lanes: u32;
// include: reduce
// include: weights
// Logits of single tokens: pairs (wanted row, token), one workgroup each. Runs once for each shard of the head.
// Bound by latency: a row of the head a pair.
struct Params { inner: u32, stride: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> pairs: array<u32>;
@group(1) @binding(3) var<storage, read_write> x: array<f32>;
@group(1) @binding(4) var<storage, read_write> gathered: array<f32>;
// include: headLogit

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  // Pairs fill a square grid, as one dimension may hold 65535 workgroups only.
  let index = group.y * groups.x + group.x;
  if (index >= pairs[0] || sleeping()) { return; }
  let row = pairs[1u + 2u * index];
  let token = pairs[2u + 2u * index];
  if (token < p.first || token >= p.last) { return; }
  let logit = head_logit(row, token, lane);
  if (lane == 0u) { gathered[index] = logit; }
}
