// include: step
// include: request
// include: weights
// Iteration smoothing: positions that stay undecided get E[mask] + weight * mixture as their input embedding. A workgroup
// a wanted row. On the device's own account, or for rows that the host lists by setting their weight. Runs once for
// each shard of the embedding: the one with the mask token acts. Bound by bytes.
struct Params { hidden: u32, stride: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(3) var<storage, read_write> mixture: array<f32>;
@group(1) @binding(4) var<storage, read_write> soft: array<f32>;
@group(1) @binding(5) var<storage, read_write> flags: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_word(2u)) { return; }
  let wanted = rows[row];
  if (wanted.z == NONE) { return; }
  let masked = mask_token(wanted.z);
  if (!has(wanted.z, WANTS_MIXTURE) || masked < p.first || masked >= p.last) { return; }
  // Decided by the device: a row that was done before this step is left alone.
  let state = state_of(wanted.z);
  if (state != NONE && control_word(state_at(state, 11u)) == 0u) { return; }
  let at = span_at(request_word(wanted.z, 2u)).base + wanted.w;
  if ((flags[at] & 4u) == 0u) { return; }
  soften(row, at, masked, request_float(wanted.z, 28u), lane);
  let guiding = request_word(wanted.z, 10u);
  if (guiding != NONE) {
    soften(row, span_at(guiding).base + wanted.w, masked, request_float(wanted.z, 28u), lane);
  }
}

fn soften(row: u32, at: u32, masked: u32, share: f32, lane: u32) {
  for (var pack = lane; pack < p.stride; pack += 64u) {
    let own = unpack(weight[(masked - p.first) * p.stride + pack]);
    for (var i = 0u; i < 4u; i++) {
      let column = pack * 4u + i;
      if (column < p.hidden) { soft[at * p.hidden + column] = own[i] + share * mixture[row * p.hidden + column]; }
    }
  }
  if (lane == 0u) { flags[at] = flags[at] | 1u; }
}
