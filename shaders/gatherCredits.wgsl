// include: step
// include: request
override lanes: u32;
// include: reduce
// include: weights
// Logits of the tokens that have credit at a wanted row, for commit/credit.wgsl: a workgroup a row and entry, of which
// most have none. Runs once for each shard of the head. Bound by latency.
struct Params { inner: u32, stride: u32, first: u32, last: u32, memory_words: u32, decoder: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(3) var<storage, read> memory: array<u32>;
@group(1) @binding(4) var<storage, read_write> x: array<f32>;
@group(1) @binding(5) var<storage, read_write> gathered: array<f32>;
const most_credits = 64u;
// include: headLogit

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let entry = group.y;
  if (row >= step_word(2u) || sleeping()) { return; }
  let wanted = rows[row];
  if (wanted.z == NONE) { return; }
  if (request_word(wanted.z, 17u) != p.decoder || control_word(state_at(state_of(wanted.z), 1u)) == 0u) { return; }
  let at = (span_at(request_word(wanted.z, 2u)).base + wanted.w) * p.memory_words;
  if (entry >= memory[at]) { return; }
  let token = memory[at + 2u + entry];
  if (token < p.first || token >= p.last) { return; }
  let logit = head_logit(row, token, lane);
  if (lane == 0u) { gathered[row * most_credits + entry] = logit; }
}
