// include: control
// The frame of the decoders' kernels. A workgroup decides for one row of the batch: it lists what the block's wanted rows
// may become (`decide`, the decoder's own), writes tokens and report, and counts. An index `i` below counts the
// request's wanted rows, which ascend by position as the offsets of the TypeScript decoders do. Bound by latency;
// sorting is by counting ranks.
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read_write> tokens: array<u32>;
@group(1) @binding(3) var<storage, read_write> flags: array<u32>;
@group(1) @binding(4) var<storage, read_write> statistics: array<Statistics>;
/// The position memory of all positions of the pool; behind it, the decisions of the step.
@group(1) @binding(5) var<storage, read_write> memory: array<u32>;
@group(1) @binding(6) var<storage, read_write> report: array<u32>;
struct Params { scratch_at: u32 }
@group(1) @binding(0) var<uniform> p: Params;

/// The number of the decoder: other requests are left to other pipelines.
override decoder: u32;
const lanes = 256u;
// include: decision

struct Block {
  request: u32,
  /// Index of the row state.
  state: u32,
  /// The request's wanted rows; those outside the block are not the decoder's.
  first: u32,
  count: u32,
  /// Where the slot begins in the pool.
  base: u32,
  start: u32,
  end: u32,
  /// Undecided positions of the block now, and when it was entered.
  open: u32,
  open_at_start: u32,
  /// Decode steps of the block, and of the sequence, before this one.
  step: u32,
  sequence_step: u32,
}

/// What one lane reads for all.
struct Shared {
  count: u32,
  entry_count: u32,
  open_at_start: u32,
  invalid_position: u32,
  open: u32,
}
var<workgroup> shared_values: Shared;
var<workgroup> shared_count: atomic<u32>;
var<workgroup> shared_invalid: atomic<u32>;
var<workgroup> shared_edits: atomic<u32>;

fn row_of(b: Block, i: u32) -> u32 { return b.first + i; }
fn position_of(b: Block, i: u32) -> u32 { return rows[row_of(b, i)].position; }
fn in_block(b: Block, i: u32) -> bool { return position_of(b, i) >= b.start && position_of(b, i) < b.end; }
fn current(b: Block, i: u32) -> u32 { return tokens[b.base + position_of(b, i)]; }
fn is_open(b: Block, i: u32) -> bool {
  return in_block(b, i) && (flags[b.base + position_of(b, i)] & POSITION_FLAG_UNDECIDED) != 0u;
}
fn confidence(b: Block, i: u32) -> f32 { return statistics[row_of(b, i)].confidence; }
fn parameter(b: Block, index: u32) -> u32 { return request_parameters(b.request, index); }
fn parameter_float(b: Block, index: u32) -> f32 { return bitcast<f32>(parameter(b, index)); }

/// Where the position memory of a row begins.
fn memory_at(b: Block, i: u32) -> u32 { return (b.base + position_of(b, i)) * POSITION_MEMORY_WORDS; }

fn decision_of(b: Block, i: u32, field: u32) -> u32 { return memory[decision_at(row_of(b, i)) + field]; }
fn set_decision(b: Block, i: u32, field: u32, value: u32) { memory[decision_at(row_of(b, i)) + field] = value; }
fn verdict(b: Block, i: u32) -> u32 { return decision_of(b, i, DECISION_VERDICT); }
fn set_verdict(b: Block, i: u32, value: u32) { set_decision(b, i, DECISION_VERDICT, value); }
/// Sets a token, its confidence, and its logit as the model gave it, in place of those of the statistics.
fn set_choice(b: Block, i: u32, token: u32, confidence: f32, logit: f32) {
  set_decision(b, i, DECISION_TOKEN, token);
  set_decision(b, i, DECISION_CONFIDENCE, bitcast<u32>(confidence));
  set_decision(b, i, DECISION_TOKEN_LOGIT, bitcast<u32>(logit));
}
fn chosen_confidence(b: Block, i: u32) -> f32 { return bitcast<f32>(decision_of(b, i, DECISION_CONFIDENCE)); }
fn key_at(b: Block, i: u32) -> u32 { return decision_of(b, i, DECISION_KEY); }
fn set_key(b: Block, i: u32, key: u32) { set_decision(b, i, DECISION_KEY, key); }

/// How many open rows come before row i: by key, the highest first; of equal keys the earlier row.
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

/// Makes what lanes wrote to memory visible to all lanes of the workgroup.
fn memory_barrier() {
  storageBarrier();
  workgroupBarrier();
}

/// Commits the `count` open rows with the highest keys.
fn commit_highest(b: Block, count: u32, lane: u32) {
  memory_barrier();
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { set_verdict(b, i, select(VERDICT_KEEP, VERDICT_COMMIT, rank_of(b, i) < count)); }
  }
}

/// What a step commits where `steps` steps commit equal shares of the block: at least one row.
fn share(b: Block, steps: u32) -> u32 {
  return max(1u, b.open_at_start / steps + select(0u, 1u, b.step < b.open_at_start % steps));
}

fn use_confidence_as_key(b: Block, lane: u32) {
  for (var i = lane; i < b.count; i += lanes) { set_key(b, i, key_of(confidence(b, i))); }
}

/// The highest confidence of the choices at open rows.
fn highest_confidence(b: Block, lane: u32) -> f32 {
  var own = -1.0;
  for (var i = lane; i < b.count; i += lanes) {
    if (is_open(b, i)) { own = max(own, chosen_confidence(b, i)); }
  }
  return reduce_max(own, lane);
}

/// thresholdBound of core/decode/threshold.ts.
fn threshold_bound(best: f32, threshold: f32) -> f32 { return min(max(best - 1.0e-5, -1000.0), threshold); }

fn write_token(b: Block, i: u32) {
  let position = position_of(b, i);
  let token = decision_of(b, i, DECISION_TOKEN);
  write_at(b.base + position, token);
  let guidance_span = request_guidance_span(b.request);
  if (guidance_span != NONE) { write_at(span_base(guidance_span) + position, token); }
}

fn write_at(at: u32, token: u32) {
  tokens[at] = token;
  flags[at] = flags[at] & ~(POSITION_FLAG_SOFT | POSITION_FLAG_UNDECIDED);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let request = group.x;
  if (request >= step_request_count() || request_decoder(request) != decoder) { return; }
  let state = request_state(request);
  if (lane == 0u) {
    shared_values.count = row_state(state, ROW_STATE_ROW_COUNT);
    shared_values.entry_count = row_state(state, ROW_STATE_ENTRY_COUNT);
    shared_values.open_at_start = row_state(state, ROW_STATE_OPEN_AT_START);
    atomicStore(&shared_count, 0u);
    atomicStore(&shared_invalid, NONE);
    atomicStore(&shared_edits, 0u);
  }
  let before = workgroupUniformLoad(&shared_values);
  var b = Block(
    request, state, request_first_row(request), before.count, span_base(request_span(request)),
    request_block_start(request), request_block_end(request),
    0u, before.open_at_start, request_block_step(request), request_sequence_step(request),
  );
  for (var i = lane; i < b.count; i += lanes) {
    let row = row_of(b, i);
    if (statistics[row].valid == 0u) { atomicMin(&shared_invalid, position_of(b, i)); }
    if (is_open(b, i)) { atomicAdd(&shared_count, 1u); }
    set_verdict(b, i, VERDICT_KEEP);
    set_choice(b, i, statistics[row].token, statistics[row].confidence, statistics[row].token_logit);
  }
  memory_barrier();
  if (lane == 0u) {
    shared_values.invalid_position = atomicLoad(&shared_invalid);
    shared_values.open = atomicLoad(&shared_count);
    atomicStore(&shared_count, 0u);
  }
  let found = workgroupUniformLoad(&shared_values);
  if (found.invalid_position != NONE) {
    if (lane == 0u) { set_row_state(state, ROW_STATE_INVALID_POSITION, found.invalid_position); }
    return;
  }
  b.open = found.open;
  if (b.open == 0u && !has(request, REQUEST_FLAG_KNOWN)) { return; }

  decide(b, lane);
  memory_barrier();

  for (var i = lane; i < b.count; i += lanes) {
    let own = verdict(b, i);
    if (own == VERDICT_KEEP) { continue; }
    write_token(b, i);
    if (own == VERDICT_EDIT) { atomicAdd(&shared_edits, 1u); }
    let index = before.entry_count + atomicAdd(&shared_count, 1u);
    let entry = request_report_at(request) + REPORT_ENTRY_WORDS * index;
    report[entry + REPORT_ENTRY_STEP_INDEX] = step_step_index();
    report[entry + REPORT_ENTRY_POSITION] = position_of(b, i);
    report[entry + REPORT_ENTRY_VERDICT] = own;
    report[entry + REPORT_ENTRY_TOKEN] = decision_of(b, i, DECISION_TOKEN);
    report[entry + REPORT_ENTRY_CONFIDENCE] = decision_of(b, i, DECISION_CONFIDENCE);
  }
  memory_barrier();
  if (lane != 0u) { return; }
  let written = atomicLoad(&shared_count);
  let edits = atomicLoad(&shared_edits);
  set_row_state(state, ROW_STATE_ENTRY_COUNT, before.entry_count + written);
  set_row_state(state, ROW_STATE_BLOCK_STEP, b.step + 1u);
  set_row_state(state, ROW_STATE_SEQUENCE_STEP, b.sequence_step + 1u);
  set_row_state(state, ROW_STATE_PASSES, row_state(state, ROW_STATE_PASSES) + 1u);
  set_row_state(state, ROW_STATE_STEPS_TAKEN, row_state(state, ROW_STATE_STEPS_TAKEN) + 1u);
  let is_complete = b.open + edits == written && is_block_done(b, edits);
  set_row_state(state, ROW_STATE_IS_COMPLETE, select(0u, 1u, is_complete));
}
