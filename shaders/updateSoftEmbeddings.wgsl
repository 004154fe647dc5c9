// include: step
// include: request
// include: weights
// Iteration smoothing: positions that stay undecided get E[mask] + weight * mixture as their input embedding. The device
// decides which these are, or the host has set the weight of a request after the pass. A workgroup a wanted row. Runs
// once for each shard of the embedding; the shard with the mask token acts. Bound by bytes.
struct Params { hidden: u32, stride: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(3) var<storage, read_write> mixture: array<f32>;
@group(1) @binding(4) var<storage, read_write> soft: array<f32>;
@group(1) @binding(5) var<storage, read_write> flags: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_row_count()) { return; }
  let request = rows[row].request;
  if (request == NONE) { return; }
  let mask_token = request_mask_token(request);
  if (!has(request, REQUEST_FLAG_MIXTURE) || mask_token < p.first || mask_token >= p.last) { return; }
  let position = rows[row].position;
  let at = span_base(request_span(request)) + position;
  if ((flags[at] & POSITION_FLAG_UNDECIDED) == 0u) { return; }
  write_embedding(row, at, lane);
  let guidance_span = request_guidance_span(request);
  if (guidance_span != NONE) { write_embedding(row, span_base(guidance_span) + position, lane); }
}

fn write_embedding(row: u32, at: u32, lane: u32) {
  let request = rows[row].request;
  let mask_token = request_mask_token(request);
  let share = request_soft_embedding_weight(request);
  for (var pack = lane; pack < p.stride; pack += 64u) {
    let own = weight_at(mask_token - p.first, pack);
    for (var i = 0u; i < 4u; i++) {
      let column = pack * 4u + i;
      if (column < p.hidden) { soft[at * p.hidden + column] = own[i] + share * mixture[row * p.hidden + column]; }
    }
  }
  if (lane == 0u) { flags[at] = flags[at] | POSITION_FLAG_SOFT; }
}
