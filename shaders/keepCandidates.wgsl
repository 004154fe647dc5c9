// include: step
// include: request
// include: statistics
// Where the device decides: the log-probability of each token that the step wrote, and the best tokens beside it with
// theirs. Each request has a place in the ring, with a part a step and in it an entry a position of its block; what the
// step left alone keeps what was there. A workgroup a request; bound by latency.
struct Params { scratch_at: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read> memory: array<u32>;
@group(1) @binding(3) var<storage, read> statistics: array<u32>;
@group(1) @binding(4) var<storage, read> candidates: array<u32>;
@group(1) @binding(5) var<storage, read_write> ring: array<u32>;
// include: decision

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let request = group.x;
  let state = state_of(request);
  if (state == NONE || !wants_top(request)) { return; }
  // Whether its decoder ran in this step.
  if (control_word(state_at(state, 11u)) == 0u) { return; }
  let start = request_word(request, 15u);
  let length = request_word(request, 16u) - start;
  let part = request_word(request, 27u) + request_word(request, 29u) * length * ring_words(request);
  for (var i = lane; i < control_word(state_at(state, 10u)); i += 64u) {
    let row = first_row(request) + i;
    let decided = decision_at(row);
    if (memory[decided] == LEFT_ALONE) { continue; }
    let highest = bitcast<f32>(statistics[row * STATISTICS_WORDS + STAT_BEST_LOGIT]);
    let source = row * candidate_words();
    let to = part + (rows[row].w - start) * ring_words(request);
    let log_mass = bitcast<f32>(candidates[source]);
    ring[to] = bitcast<u32>(bitcast<f32>(memory[decided + 4u]) - highest - log_mass);
    for (var rank = 0u; rank < top_count(request); rank++) {
      let entry = 1u + 2u * rank;
      ring[to + entry] = candidates[source + entry];
      ring[to + entry + 1u] = bitcast<u32>(bitcast<f32>(candidates[source + entry + 1u]) - highest - log_mass);
    }
  }
}

fn ring_words(request: u32) -> u32 { return 1u + 2u * top_count(request); }
