// What all decoders have in common on the device. A workgroup decides for one row of the batch: it looks at the wanted
// rows of its block (`decide`, the decoder's own), writes what was decided, and counts. Offsets of TypeScript's decoders
// are indices of the list of wanted rows here: both ascend. Bound by latency; sorts are by counting ranks.
@group(1) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read_write> tokens: array<u32>;
@group(1) @binding(3) var<storage, read_write> flags: array<u32>;
@group(1) @binding(4) var<storage, read_write> statistics: array<u32>;
/// By position of the pool, `memory_words` each: what decoders remember; then what is decided of each wanted row.
@group(1) @binding(5) var<storage, read_write> memory: array<u32>;
@group(1) @binding(6) var<storage, read_write> report: array<u32>;
struct Params { memory_words: u32, scratch_at: u32 }
@group(1) @binding(0) var<uniform> p: Params;

/// Which requests this pipeline decides.
override decoder: u32;
const lanes = 256u;

const REPORT_HEADER = 16u;
// include: decision

struct Block {
  request: u32,
  state: u32,
  first: u32,
  /// Listed rows; those outside the block are of no concern.
  count: u32,
  base: u32,
  start: u32,
  end: u32,
  /// Undecided positions of the block now, and when it was entered.
  open: u32,
  open_at_start: u32,
  /// Steps of the block, and of the sequence, before this one.
  step: u32,
  sequence_step: u32,
}

var<workgroup> shared_words: array<u32, 4>;
var<workgroup> shared_count: atomic<u32>;
var<workgroup> shared_bad: atomic<u32>;
var<workgroup> shared_edits: atomic<u32>;

fn position_of(b: Block, i: u32) -> u32 { return rows[b.first + i].w; }
fn in_block(b: Block, i: u32) -> bool { return position_of(b, i) >= b.start && position_of(b, i) < b.end; }
fn current(b: Block, i: u32) -> u32 { return tokens[b.base + position_of(b, i)]; }
fn is_open(b: Block, i: u32) -> bool { return in_block(b, i) && (flags[b.base + position_of(b, i)] & 4u) != 0u; }
fn stat(b: Block, i: u32, word: u32) -> u32 { return statistics[(b.first + i) * STATISTICS_WORDS + word]; }
fn stat_float(b: Block, i: u32, word: u32) -> f32 { return bitcast<f32>(stat(b, i, word)); }
fn confidence(b: Block, i: u32) -> f32 { return stat_float(b, i, STAT_CONFIDENCE); }
fn parameter(b: Block, index: u32) -> u32 { return request_word(b.request, 20u + index); }
fn parameter_float(b: Block, index: u32) -> f32 { return bitcast<f32>(parameter(b, index)); }

fn scratch_at(b: Block, i: u32) -> u32 { return decision_at(b.first + i); }
fn set_decision(b: Block, i: u32, decision: u32) { memory[scratch_at(b, i)] = decision; }
/// A token and confidence of the decoder's own in place of the statistics'.
fn set_choice(b: Block, i: u32, token: u32, sure: f32) {
  memory[scratch_at(b, i) + 1u] = token;
  memory[scratch_at(b, i) + 2u] = bitcast<u32>(sure);
}
fn set_choice_logit(b: Block, i: u32, logit: f32) { memory[scratch_at(b, i) + 4u] = bitcast<u32>(logit); }
fn chosen_confidence(b: Block, i: u32) -> f32 { return bitcast<f32>(memory[scratch_at(b, i) + 2u]); }
fn set_key(b: Block, i: u32, key: u32) { memory[scratch_at(b, i) + 3u] = key; }
fn key_at(b: Block, i: u32) -> u32 { return memory[scratch_at(b, i) + 3u]; }

/// How many open rows have a higher key than row i, the earlier one first on ties.
fn rank_of(b: Block, i: u32) -> u32 {
  let own = key_at(b, i);
  var rank = 0u;
  for (var j = 0u; j < b.count; j++) {
    if (!is_open(b, j)) { continue; }
    let key = key_at(b, j);
    if (key > own || (key == own && j < i)) { rank++; }
  }
  return rank;
}

/// Makes what lanes wrote to memory visible to all of them.
fn settle_memory() {
  storageBarrier();
  workgroupBarrier();
}

/// Commits the `count` open rows with the highest keys.
fn commit_highest(b: Block, count: u32, lane: u32) {
  settle_memory();
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { set_decision(b, i, select(LEFT_ALONE, COMMITTED, rank_of(b, i) < count)); }
  }
}

/// An equal share of the block in each of so many steps, one at least.
fn share(b: Block, steps: u32) -> u32 {
  return max(1u, b.open_at_start / steps + select(0u, 1u, b.step < b.open_at_start % steps));
}

fn use_confidence_as_key(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) { set_key(b, i, key_of(confidence(b, i))); }
}

/// The highest of the confidences that `set_choice` left, over open rows.
fn highest_confidence(b: Block, lane: u32) -> f32 {
  var own = -1.0;
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { own = max(own, chosen_confidence(b, i)); }
  }
  return reduce_max(own, lane);
}

/// threshold.ts: thresholdBound.
fn threshold_bound(best: f32, threshold: f32) -> f32 { return min(max(best - 1.0e-5, -1000.0), threshold); }

fn write_token(b: Block, i: u32) {
  let position = position_of(b, i);
  let token = memory[scratch_at(b, i) + 1u];
  tokens[b.base + position] = token;
  flags[b.base + position] = flags[b.base + position] & 2u;
  let guiding = request_word(b.request, 10u);
  if (guiding != NONE) {
    let at = span_at(guiding).base + position;
    tokens[at] = token;
    flags[at] = flags[at] & 2u;
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let request = group.x;
  if (request_word(request, 17u) != decoder || state_of(request) == NONE) { return; }
  let state = state_of(request);
  if (lane == 0u) {
    shared_words[0] = control_word(state_at(state, 0u));
    shared_words[1] = control_word(state_at(state, 10u));
    shared_words[2] = control_word(state_at(state, 1u));
    shared_words[3] = control_word(state_at(state, 2u));
    atomicStore(&shared_count, 0u);
    atomicStore(&shared_bad, NONE);
    atomicStore(&shared_edits, 0u);
    // For kernels that follow: whether the row was still at work in this step.
    set_control(state_at(state, 11u), control_word(state_at(state, 0u)));
  }
  let words = workgroupUniformLoad(&shared_words);
  if (words[0] == 0u) { return; }
  let first = first_row(request);
  let count = words[1];
  let base = span_at(request_word(request, 2u)).base;
  var b = Block(
    request, state, first, count, base, request_word(request, 15u), request_word(request, 16u),
    0u, 0u, words[2], words[3],
  );
  for (var i = lane; i < count; i += lanes) {
    if (stat(b, i, STAT_VALID) == 0u) { atomicMin(&shared_bad, position_of(b, i)); }
    if (is_open(b, i)) { atomicAdd(&shared_count, 1u); }
    set_decision(b, i, LEFT_ALONE);
    set_choice(b, i, stat(b, i, STAT_TOKEN), confidence(b, i));
    set_choice_logit(b, i, stat_float(b, i, STAT_CHOICE_LOGIT));
  }
  settle_memory();
  if (lane == 0u) {
    shared_words[0] = atomicLoad(&shared_bad);
    shared_words[1] = atomicLoad(&shared_count);
    shared_words[2] = control_word(state_at(state, 3u));
    atomicStore(&shared_count, 0u);
  }
  let seen = workgroupUniformLoad(&shared_words);
  if (seen[0] != NONE) {
    if (lane == 0u) {
      set_control(state_at(state, 0u), 0u);
      set_control(state_at(state, 6u), 1u);
      set_control(state_at(state, 7u), seen[0]);
      row_is_done();
      write_header(b);
    }
    return;
  }
  b.open = seen[1];
  b.open_at_start = seen[2];
  if (b.open == 0u && !has(request, WANTS_KNOWN)) {
    if (lane == 0u) { write_header(b); }
    return;
  }

  decide(b, lane);
  settle_memory();

  let length = b.end - b.start;
  let report_at = request_word(request, 18u);
  let mark = request_word(request, 19u) * 64u + request_word(request, 29u);
  let ring = report_at + REPORT_HEADER + 4u * length + request_word(request, 29u) * 2u * length;
  if (has(request, WANTS_KNOWN)) {
    for (var offset = lane; offset < length; offset += lanes) { report[ring + 2u * offset] = NONE; }
    settle_memory();
  }
  for (var i = lane; i < count; i += lanes) {
    let decision = memory[scratch_at(b, i)];
    if (decision == LEFT_ALONE) { continue; }
    write_token(b, i);
    let offset = position_of(b, i) - b.start;
    if (decision == EDITED) {
      atomicAdd(&shared_edits, 1u);
      report[ring + 2u * offset] = memory[scratch_at(b, i) + 1u];
      report[ring + 2u * offset + 1u] = memory[scratch_at(b, i) + 2u];
      continue;
    }
    atomicAdd(&shared_count, 1u);
    let entry = report_at + REPORT_HEADER + 4u * offset;
    report[entry] = memory[scratch_at(b, i) + 1u];
    report[entry + 1u] = memory[scratch_at(b, i) + 2u];
    report[entry + 2u] = mark;
  }
  settle_memory();
  if (lane != 0u) { return; }
  let left = b.open - atomicLoad(&shared_count);
  set_control(state_at(state, 1u), b.step + 1u);
  set_control(state_at(state, 2u), b.sequence_step + 1u);
  set_control(state_at(state, 4u), left);
  set_control(state_at(state, 5u), control_word(state_at(state, 5u)) + 1u);
  if (left == 0u && is_settled(b, atomicLoad(&shared_edits))) {
    set_control(state_at(state, 0u), 0u);
    row_is_done();
  }
  write_header(b);
}

fn write_header(b: Block) {
  let at = request_word(b.request, 18u);
  for (var word = 0u; word < REPORT_HEADER; word++) { report[at + word] = control_word(state_at(b.state, word)); }
}
