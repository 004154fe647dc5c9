// include: step
override lanes: u32;
// include: reduce
// include: weights
// Logits of single tokens that the host lists, a workgroup a pair (wanted row, token). Runs once for each shard of the
// head. Bound by latency: one row of the head for each pair.
struct Params { in_features: u32, stride: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> gather_list: array<u32>;
@group(1) @binding(3) var<storage, read_write> x: array<f32>;
@group(1) @binding(4) var<storage, read_write> gathered: array<f32>;
// include: headLogit

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  // Pairs fill a square grid, as a dimension is limited to 65535 workgroups.
  let index = group.y * groups.x + group.x;
  if (index >= gather_list[GATHER_LIST_PAIR_COUNT]) { return; }
  let pair = GATHER_LIST_WORDS + GATHER_PAIR_WORDS * index;
  let row = gather_list[pair + GATHER_PAIR_ROW];
  let token = gather_list[pair + GATHER_PAIR_TOKEN];
  if (token < p.first || token >= p.last) { return; }
  let logit = head_logit(row, token, lane);
  if (lane == 0u) { gathered[index] = logit; }
}
