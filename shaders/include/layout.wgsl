// Made by scripts/shaders.mjs from src/backends/layout/structures.ts, which says what the fields mean; edit that.

const NONE = 0xffffffffu;
const DESCRIPTOR_WORDS = 3072u;
const MAX_GATHERED_TOKENS = 64u;
const MAX_POSITION_WORDS = 64u;
const REQUEST_FLAG_FORBIDDEN = 1u;
const REQUEST_FLAG_DIVERGENCE = 2u;
const REQUEST_FLAG_MIXTURE = 4u;
const REQUEST_FLAG_SAMPLED = 8u;
const REQUEST_FLAG_FILTERED = 16u;
const REQUEST_FLAG_KNOWN = 32u;
const REQUEST_FLAG_GATHERS = 64u;
const REQUEST_FLAG_CANDIDATES = 128u;
const REQUEST_FLAG_SAMPLED_SCORES = 256u;
const POSITION_FLAG_SOFT = 1u;
const POSITION_FLAG_EDITABLE = 2u;
const POSITION_FLAG_UNDECIDED = 4u;
const VERDICT_KEEP = 0u;
const VERDICT_COMMIT = 1u;
const VERDICT_EDIT = 2u;

const STEP_WORDS = 8u;
fn step_token_count() -> u32 { return step_word(0u); }
fn step_span_count() -> u32 { return step_word(1u); }
fn step_row_count() -> u32 { return step_word(2u); }
fn step_request_count() -> u32 { return step_word(3u); }
fn step_attention_tile_count() -> u32 { return step_word(4u); }
fn step_spans_at() -> u32 { return step_word(5u); }
fn step_requests_at() -> u32 { return step_word(6u); }
fn step_candidate_words() -> u32 { return step_word(7u); }

const SPAN_WORDS = 9u;
struct Span {
  first_token: u32,
  start: u32,
  end: u32,
  base: u32,
  visible: u32,
  mask_block: u32,
  origin: i32,
  state: u32,
  first_tile: u32,
}
fn span_first_token(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 0u); }
fn span_start(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 1u); }
fn span_end(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 2u); }
fn span_base(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 3u); }
fn span_visible(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 4u); }
fn span_mask_block(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 5u); }
fn span_origin(index: u32) -> i32 { return bitcast<i32>(step_word(step_spans_at() + index * SPAN_WORDS + 6u)); }
fn span_state(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 7u); }
fn span_first_tile(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 8u); }
fn span_at(index: u32) -> Span {
  let at = step_spans_at() + index * SPAN_WORDS;
  return Span(
    step_word(at + 0u),
    step_word(at + 1u),
    step_word(at + 2u),
    step_word(at + 3u),
    step_word(at + 4u),
    step_word(at + 5u),
    bitcast<i32>(step_word(at + 6u)),
    step_word(at + 7u),
    step_word(at + 8u),
  );
}

const REQUEST_WORDS = 32u;
fn request_first_row(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 0u); }
fn request_max_rows(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 1u); }
fn request_span(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 2u); }
fn request_shift(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 3u); }
fn request_mask_token(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 4u); }
fn request_temperature(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 5u)); }
fn request_top_k(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 6u); }
fn request_top_p(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 7u)); }
fn request_min_p_floor(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 8u)); }
fn request_seed(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 9u); }
fn request_sequence_step(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 10u); }
fn request_guidance_span(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 11u); }
fn request_guidance_scale(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 12u)); }
fn request_flags(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 13u); }
fn request_mixture_tokens(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 14u); }
fn request_forbidden_at(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 15u); }
fn request_score_factor(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 16u)); }
fn request_candidate_count(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 17u); }
fn request_soft_embedding_weight(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 18u)); }
fn request_state(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 19u); }
fn request_block_start(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 20u); }
fn request_block_end(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 21u); }
fn request_decoder(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 22u); }
fn request_parameters(index: u32, element: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 23u + element); }
fn request_step_index(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 29u); }
fn request_report_at(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 30u); }
fn request_logprobs_at(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 31u); }

const BATCH_STATE_WORDS = 1u;
const BATCH_STATE_ACTIVE_ROWS = 0u;

const ROW_STATE_WORDS = 9u;
const ROW_STATE_ACTIVE = 0u;
const ROW_STATE_BLOCK_STEP = 1u;
const ROW_STATE_SEQUENCE_STEP = 2u;
const ROW_STATE_OPEN_AT_START = 3u;
const ROW_STATE_OPEN = 4u;
const ROW_STATE_STEPS_TAKEN = 5u;
const ROW_STATE_INVALID_POSITION = 6u;
const ROW_STATE_ROW_COUNT = 7u;
const ROW_STATE_ACTIVE_IN_STEP = 8u;

const REPORT_ENTRY_WORDS = 3u;
const REPORT_ENTRY_TOKEN = 0u;
const REPORT_ENTRY_CONFIDENCE = 1u;
const REPORT_ENTRY_STEP_INDEX = 2u;

const REPORT_EDIT_WORDS = 2u;
const REPORT_EDIT_TOKEN = 0u;
const REPORT_EDIT_CONFIDENCE = 1u;

const WANTED_ROW_WORDS = 4u;
struct WantedRow {
  token: u32,
  guidance_token: u32,
  request: u32,
  position: u32,
}

const STATISTICS_WORDS = 12u;
struct Statistics {
  token: u32,
  confidence: f32,
  best: u32,
  best_logit: f32,
  best_probability: f32,
  second_probability: f32,
  entropy: f32,
  log_sum_exp: f32,
  valid: u32,
  divergence: f32,
  token_logit: f32,
  rest: f32,
}

const PARTIAL_WORDS = 9u;
struct Partial {
  highest: f32,
  best: u32,
  second: f32,
  rest: f32,
  weighted: f32,
  score: f32,
  token: u32,
  token_logit: f32,
  invalid: u32,
}

const DIVERGENCE_PART_WORDS = 5u;
struct DivergencePart {
  highest: f32,
  mass: f32,
  moved: f32,
  highest_before: f32,
  mass_before: f32,
}

const CANDIDATE_LIST_WORDS = 1u;
const CANDIDATE_LIST_LOG_SUM_EXP = 0u;

const CANDIDATE_WORDS = 2u;
const CANDIDATE_TOKEN = 0u;
const CANDIDATE_LOGIT = 1u;

const LOGPROB_LIST_WORDS = 1u;
const LOGPROB_LIST_LOGPROB = 0u;

const LOGPROB_ENTRY_WORDS = 2u;
const LOGPROB_ENTRY_TOKEN = 0u;
const LOGPROB_ENTRY_LOGPROB = 1u;

const POSITION_MEMORY_WORDS = 129u;
const POSITION_MEMORY_TOKEN_COUNT = 0u;
const POSITION_MEMORY_TOKENS = 1u;
const POSITION_MEMORY_OWN = 65u;

const DECISION_WORDS = 5u;
const DECISION_VERDICT = 0u;
const DECISION_TOKEN = 1u;
const DECISION_CONFIDENCE = 2u;
const DECISION_KEY = 3u;
const DECISION_TOKEN_LOGIT = 4u;

const FORBIDDEN_TABLE_WORDS = 2u;
const FORBIDDEN_TABLE_FIRST_POSITION = 0u;
const FORBIDDEN_TABLE_POSITION_COUNT = 1u;

const FORBIDDEN_LIST_WORDS = 2u;
const FORBIDDEN_LIST_TOKENS_AT = 0u;
const FORBIDDEN_LIST_TOKEN_COUNT = 1u;

const GATHER_LIST_WORDS = 1u;
const GATHER_LIST_PAIR_COUNT = 0u;

const GATHER_PAIR_WORDS = 2u;
const GATHER_PAIR_ROW = 0u;
const GATHER_PAIR_TOKEN = 1u;

const EXPERT_GROUPS_WORDS = 1u;
const EXPERT_GROUPS_TILE_COUNT = 0u;

const EXPERT_TILE_WORDS = 3u;
const EXPERT_TILE_EXPERT = 0u;
const EXPERT_TILE_FIRST_ROW = 1u;
const EXPERT_TILE_ROW_COUNT = 2u;
