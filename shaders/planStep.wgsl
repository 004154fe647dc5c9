// include: layout
// include: control
// Where the device decides: writes the descriptor of the next step from what the host says that rows may do, and from where
// the rows are. A row leaves a complete block, looks for stop tokens in it, and enters the next one. Rows that rest have no
// spans in the descriptor. One workgroup, a lane a row; bound by latency.
@group(0) @binding(0) var<storage, read_write> descriptor: array<u32>;
fn step_word(at: u32) -> u32 { return descriptor[at]; }
struct Params { tile_queries: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> submission: array<u32>;
@group(1) @binding(2) var<storage, read> tokens: array<u32>;
@group(1) @binding(3) var<storage, read_write> flags: array<u32>;

/// Maximum rows of a submission.
const lanes = 64u;

/// What a row's pass adds to the step.
struct Share { requests: u32, spans: u32, tokens: u32, tiles: u32, rows: u32 }
var<workgroup> shares: array<Share, lanes>;

fn add(a: Share, b: Share) -> Share {
  return Share(a.requests + b.requests, a.spans + b.spans, a.tokens + b.tokens, a.tiles + b.tiles, a.rows + b.rows);
}

fn row_plan(row: u32, field: u32) -> u32 { return submission[SUBMISSION_WORDS + row * ROW_PLAN_WORDS + field]; }

/// Where the plan of a row's current block begins; NONE if the row may not go there.
fn block_plan_of(row: u32, state: u32) -> u32 {
  let index = row_state(state, ROW_STATE_BLOCK_INDEX) - row_plan(row, ROW_PLAN_FIRST_BLOCK);
  if (index >= row_plan(row, ROW_PLAN_BLOCK_COUNT)) { return NONE; }
  return row_plan(row, ROW_PLAN_BLOCKS_AT) + index * BLOCK_PLAN_WORDS;
}

/// Before a row's first step of the submission.
fn begin_submission(row: u32, state: u32) {
  set_row_state(state, ROW_STATE_STEPS_TAKEN, 0u);
  set_row_state(state, ROW_STATE_ENTRY_COUNT, 0u);
  if (row_plan(row, ROW_PLAN_IS_ENTRY) == 0u) { return; }
  set_row_state(state, ROW_STATE_BLOCK_INDEX, row_plan(row, ROW_PLAN_FIRST_BLOCK));
  set_row_state(state, ROW_STATE_IS_COMPLETE, 0u);
  set_row_state(state, ROW_STATE_IS_STOPPED, 0u);
  set_row_state(state, ROW_STATE_SEQUENCE_STEP, row_plan(row, ROW_PLAN_ENTRY_SEQUENCE_STEP));
  set_row_state(state, ROW_STATE_PASSES, row_plan(row, ROW_PLAN_ENTRY_PASSES));
  set_row_state(state, ROW_STATE_INVALID_POSITION, NONE);
  enter_block(row, state, block_plan_of(row, state), row_plan(row, ROW_PLAN_ENTRY_BLOCK_STEP));
}

fn enter_block(row: u32, state: u32, block: u32, block_step: u32) {
  set_row_state(state, ROW_STATE_IS_ENTERED, 1u);
  set_row_state(state, ROW_STATE_BLOCK_STEP, block_step);
  set_row_state(state, ROW_STATE_OPEN_AT_START, submission[block + BLOCK_PLAN_OPEN_AT_START]);
  let editable_at = submission[block + BLOCK_PLAN_EDITABLE_AT];
  for (var i = 0u; i < submission[block + BLOCK_PLAN_EDITABLE_COUNT]; i++) {
    let at = row_plan(row, ROW_PLAN_BASE) + submission[editable_at + i];
    flags[at] = flags[at] | POSITION_FLAG_EDITABLE;
  }
}

fn leave_block(row: u32, state: u32) {
  let block = block_plan_of(row, state);
  if (block != NONE && holds_stop_token(row, block)) { set_row_state(state, ROW_STATE_IS_STOPPED, 1u); }
  set_row_state(state, ROW_STATE_BLOCK_INDEX, row_state(state, ROW_STATE_BLOCK_INDEX) + 1u);
  set_row_state(state, ROW_STATE_IS_ENTERED, 0u);
  set_row_state(state, ROW_STATE_IS_COMPLETE, 0u);
}

fn holds_stop_token(row: u32, block: u32) -> bool {
  let base = row_plan(row, ROW_PLAN_BASE);
  let stop_tokens_at = row_plan(row, ROW_PLAN_STOP_TOKENS_AT);
  for (var position = submission[block + BLOCK_PLAN_STOP_START]; position < submission[block + BLOCK_PLAN_STOP_END]; position++) {
    for (var i = 0u; i < row_plan(row, ROW_PLAN_STOP_TOKEN_COUNT); i++) {
      if (tokens[base + position] == submission[stop_tokens_at + i]) { return true; }
    }
  }
  return false;
}

/// Where the plan of the row's next step begins; NONE if the row rests.
fn next_step(row: u32) -> u32 {
  let state = row_plan(row, ROW_PLAN_STATE);
  if (step_step_index() == 0u) { begin_submission(row, state); }
  if (row_state(state, ROW_STATE_IS_COMPLETE) != 0u) { leave_block(row, state); }
  let rests = row_state(state, ROW_STATE_IS_STOPPED) != 0u
    || row_state(state, ROW_STATE_INVALID_POSITION) != NONE
    || row_state(state, ROW_STATE_PASSES) >= row_plan(row, ROW_PLAN_PASS_LIMIT);
  let block = block_plan_of(row, state);
  if (rests || block == NONE) { return NONE; }
  if (row_state(state, ROW_STATE_IS_ENTERED) == 0u) { enter_block(row, state, block, 0u); }
  let block_step = row_state(state, ROW_STATE_BLOCK_STEP);
  if (block_step >= submission[block + BLOCK_PLAN_STEP_LIMIT]) { return NONE; }
  let step = min(block_step - submission[block + BLOCK_PLAN_FIRST_STEP], submission[block + BLOCK_PLAN_STEP_COUNT] - 1u);
  return submission[block + BLOCK_PLAN_STEPS_AT] + step * STEP_PLAN_WORDS;
}

fn share_of(row: u32, step_plan: u32) -> Share {
  if (step_plan == NONE) { return Share(); }
  let pass_plan = submission[step_plan + STEP_PLAN_PASS_AT];
  let length = submission[pass_plan + PASS_PLAN_END] - submission[pass_plan + PASS_PLAN_START];
  let spans = select(2u, 1u, row_plan(row, ROW_PLAN_GUIDANCE_BASE) == NONE);
  let tiles = (length + p.tile_queries - 1u) / p.tile_queries;
  let rows = submission[pass_plan + PASS_PLAN_WORDS + REQUEST_MAX_ROWS];
  return Share(1u, spans, spans * length, spans * tiles, rows);
}

fn write_span(index: u32, pass_plan: u32, base: u32, first_token: u32, first_tile: u32) {
  let at = STEP_WORDS + index * SPAN_WORDS;
  descriptor[at + SPAN_FIRST_TOKEN] = first_token;
  descriptor[at + SPAN_START] = submission[pass_plan + PASS_PLAN_START];
  descriptor[at + SPAN_END] = submission[pass_plan + PASS_PLAN_END];
  descriptor[at + SPAN_BASE] = base;
  descriptor[at + SPAN_VISIBLE] = submission[pass_plan + PASS_PLAN_VISIBLE];
  descriptor[at + SPAN_TWIN_DISTANCE] = 0u;
  descriptor[at + SPAN_REPLACED_KEYS] = 0u;
  descriptor[at + SPAN_MASK_BLOCK] = submission[pass_plan + PASS_PLAN_MASK_BLOCK];
  descriptor[at + SPAN_ORIGIN] = submission[pass_plan + PASS_PLAN_ORIGIN];
  descriptor[at + SPAN_FIRST_TILE] = first_tile;
}

fn write_request(at: u32, row: u32, step_plan: u32, before: Share) {
  let state = row_plan(row, ROW_PLAN_STATE);
  let request = submission[step_plan + STEP_PLAN_PASS_AT] + PASS_PLAN_WORDS;
  for (var word = 0u; word < REQUEST_WORDS; word++) { descriptor[at + word] = submission[request + word]; }
  descriptor[at + REQUEST_FIRST_ROW] = before.rows;
  descriptor[at + REQUEST_SPAN] = before.spans;
  let is_guided = row_plan(row, ROW_PLAN_GUIDANCE_BASE) != NONE;
  descriptor[at + REQUEST_GUIDANCE_SPAN] = select(NONE, before.spans + 1u, is_guided);
  descriptor[at + REQUEST_STATE] = state;
  descriptor[at + REQUEST_SEQUENCE_STEP] = row_state(state, ROW_STATE_SEQUENCE_STEP);
  descriptor[at + REQUEST_BLOCK_STEP] = row_state(state, ROW_STATE_BLOCK_STEP);
  for (var i = 0u; i < MAX_PARAMETERS; i++) {
    descriptor[at + REQUEST_PARAMETERS + i] = submission[step_plan + STEP_PLAN_PARAMETERS + i];
  }
  descriptor[at + REQUEST_LOGPROBS_AT] =
    row_plan(row, ROW_PLAN_LOGPROBS_AT) + step_step_index() * row_plan(row, ROW_PLAN_LOGPROB_STEP_WORDS);
}

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  var step_plan = NONE;
  if (lane < submission[SUBMISSION_ROW_COUNT]) { step_plan = next_step(lane); }
  let own = share_of(lane, step_plan);
  shares[lane] = own;
  workgroupBarrier();
  var before = Share();
  var all = Share();
  for (var other = 0u; other < lanes; other++) {
    if (other == lane) { before = all; }
    all = add(all, shares[other]);
  }
  let requests_at = STEP_WORDS + all.spans * SPAN_WORDS;
  if (step_plan != NONE) {
    let pass_plan = submission[step_plan + STEP_PLAN_PASS_AT];
    write_span(before.spans, pass_plan, row_plan(lane, ROW_PLAN_BASE), before.tokens, before.tiles);
    if (own.spans > 1u) {
      let guidance_base = row_plan(lane, ROW_PLAN_GUIDANCE_BASE);
      write_span(before.spans + 1u, pass_plan, guidance_base, before.tokens + own.tokens / 2u, before.tiles + own.tiles / 2u);
    }
    write_request(requests_at + before.requests * REQUEST_WORDS, lane, step_plan, before);
  }
  if (lane != 0u) { return; }
  descriptor[STEP_TOKEN_COUNT] = all.tokens;
  descriptor[STEP_SPAN_COUNT] = all.spans;
  descriptor[STEP_ROW_COUNT] = all.rows;
  descriptor[STEP_REQUEST_COUNT] = all.requests;
  descriptor[STEP_ATTENTION_TILE_COUNT] = all.tiles;
  descriptor[STEP_SPANS_AT] = STEP_WORDS;
  descriptor[STEP_REQUESTS_AT] = requests_at;
  descriptor[STEP_CANDIDATE_WORDS] = submission[SUBMISSION_CANDIDATE_WORDS];
}
