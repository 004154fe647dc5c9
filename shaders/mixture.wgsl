// include: step
// include: request
// include: weights
// Soft mixtures: the sum of weight * embedding over the vocabulary. distribution.wgsl has replaced the logits by the
// weights. A workgroup a row and 256 columns, a lane four columns; each lane sums over the tokens in order. Runs once for
// each shard of the embedding; the first shard starts the sums. Bound by the bytes of the embedding.
struct Params { hidden: u32, stride: u32, vocabulary: u32, first_row: u32, row_limit: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(3) var<storage, read_write> shares: array<f32>;
@group(1) @binding(4) var<storage, read_write> mixture: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_row_count(), p.row_limit)) { return; }
  let request = rows[row].request;
  let pack = group.y * 64u + lane;
  if (request == NONE || pack >= p.stride) { return; }
  if (!has(request, REQUEST_FLAG_MIXTURE)) { return; }
  var sum = vec4<f32>(0.0);
  for (var token = p.first; token < p.last; token++) {
    let share = shares[group.x * p.vocabulary + token];
    if (share != 0.0) { sum += share * weight_at(token - p.first, pack); }
  }
  for (var i = 0u; i < 4u; i++) {
    let column = pack * 4u + i;
    if (column >= p.hidden) { break; }
    let at = row * p.hidden + column;
    if (p.first == 0u) { mixture[at] = sum[i]; } else { mixture[at] += sum[i]; }
  }
}
