// include: step
// include: request
// include: weights
// Soft mixtures: the sum over the vocabulary of weight * embedding, for rows whose weights distribution.wgsl left where
// their logits were. A workgroup a row and 256 columns, a lane four of them; each lane sums over tokens in order.
// Runs once for each shard of the embedding, the first one starting the sums. Bound by the embedding's bytes.
struct Params { hidden: u32, stride: u32, vocabulary: u32, first_row: u32, row_limit: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(3) var<storage, read_write> shares: array<f32>;
@group(1) @binding(4) var<storage, read_write> mixture: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_word(2u), p.row_limit) || sleeping()) { return; }
  let wanted = rows[row];
  let pack = group.y * 64u + lane;
  if (wanted.z == NONE || pack >= p.stride) { return; }
  if (!has(wanted.z, WANTS_MIXTURE)) { return; }
  var sum = vec4<f32>(0.0);
  for (var token = p.first; token < p.last; token++) {
    let share = shares[group.x * p.vocabulary + token];
    if (share != 0.0) { sum += share * unpack(weight[(token - p.first) * p.stride + pack]); }
  }
  for (var i = 0u; i < 4u; i++) {
    let column = pack * 4u + i;
    if (column >= p.hidden) { break; }
    let at = row * p.hidden + column;
    if (p.first == 0u) { mixture[at] = sum[i]; } else { mixture[at] += sum[i]; }
  }
}
