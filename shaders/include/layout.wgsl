// Made by scripts/shaders.mjs from src/backends/layout/structures.ts, which says what the fields mean; edit that.

const NONE = 0xffffffffu;
const DESCRIPTOR_WORDS = 3072u;
const MAX_PARAMETERS = 6u;
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

const STEP_WORDS = 9u;
const STEP_TOKEN_COUNT = 0u;
const STEP_SPAN_COUNT = 1u;
const STEP_ROW_COUNT = 2u;
const STEP_REQUEST_COUNT = 3u;
const STEP_ATTENTION_TILE_COUNT = 4u;
const STEP_SPANS_AT = 5u;
const STEP_REQUESTS_AT = 6u;
const STEP_CANDIDATE_WORDS = 7u;
const STEP_STEP_INDEX = 8u;
fn step_token_count() -> u32 { return step_word(0u); }
fn step_span_count() -> u32 { return step_word(1u); }
fn step_row_count() -> u32 { return step_word(2u); }
fn step_request_count() -> u32 { return step_word(3u); }
fn step_attention_tile_count() -> u32 { return step_word(4u); }
fn step_spans_at() -> u32 { return step_word(5u); }
fn step_requests_at() -> u32 { return step_word(6u); }
fn step_candidate_words() -> u32 { return step_word(7u); }
fn step_step_index() -> u32 { return step_word(8u); }

const SPAN_WORDS = 10u;
const SPAN_FIRST_TOKEN = 0u;
const SPAN_START = 1u;
const SPAN_END = 2u;
const SPAN_BASE = 3u;
const SPAN_VISIBLE = 4u;
const SPAN_MASK_BLOCK = 5u;
const SPAN_ORIGIN = 6u;
const SPAN_FIRST_TILE = 7u;
const SPAN_TWIN_DISTANCE = 8u;
const SPAN_REPLACED_KEYS = 9u;
struct Span {
  first_token: u32,
  start: u32,
  end: u32,
  base: u32,
  visible: u32,
  mask_block: u32,
  origin: i32,
  first_tile: u32,
  twin_distance: u32,
  replaced_keys: u32,
}
fn span_first_token(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 0u); }
fn span_start(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 1u); }
fn span_end(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 2u); }
fn span_base(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 3u); }
fn span_visible(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 4u); }
fn span_mask_block(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 5u); }
fn span_origin(index: u32) -> i32 { return bitcast<i32>(step_word(step_spans_at() + index * SPAN_WORDS + 6u)); }
fn span_first_tile(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 7u); }
fn span_twin_distance(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 8u); }
fn span_replaced_keys(index: u32) -> u32 { return step_word(step_spans_at() + index * SPAN_WORDS + 9u); }
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
    step_word(at + 9u),
  );
}

const REQUEST_WORDS = 34u;
const REQUEST_FIRST_ROW = 0u;
const REQUEST_MAX_ROWS = 1u;
const REQUEST_SPAN = 2u;
const REQUEST_SHIFT = 3u;
const REQUEST_MASK_TOKEN = 4u;
const REQUEST_TEMPERATURE = 5u;
const REQUEST_TOP_K = 6u;
const REQUEST_TOP_P = 7u;
const REQUEST_MIN_P_FLOOR = 8u;
const REQUEST_SEED = 9u;
const REQUEST_SEQUENCE_STEP = 10u;
const REQUEST_GUIDANCE_SPAN = 11u;
const REQUEST_GUIDANCE_SCALE = 12u;
const REQUEST_FLAGS = 13u;
const REQUEST_MIXTURE_TOKENS = 14u;
const REQUEST_FORBIDDEN_AT = 15u;
const REQUEST_SCORE_FACTOR = 16u;
const REQUEST_CANDIDATE_COUNT = 17u;
const REQUEST_COUPLED_LAYERS = 18u;
const REQUEST_COUPLINGS_AT = 19u;
const REQUEST_SOFT_EMBEDDING_WEIGHT = 20u;
const REQUEST_STATE = 21u;
const REQUEST_BLOCK_STEP = 22u;
const REQUEST_BLOCK_START = 23u;
const REQUEST_BLOCK_END = 24u;
const REQUEST_DECODER = 25u;
const REQUEST_PARAMETERS = 26u;
const REQUEST_REPORT_AT = 32u;
const REQUEST_LOGPROBS_AT = 33u;
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
fn request_coupled_layers(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 18u); }
fn request_couplings_at(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 19u); }
fn request_soft_embedding_weight(index: u32) -> f32 { return bitcast<f32>(step_word(step_requests_at() + index * REQUEST_WORDS + 20u)); }
fn request_state(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 21u); }
fn request_block_step(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 22u); }
fn request_block_start(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 23u); }
fn request_block_end(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 24u); }
fn request_decoder(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 25u); }
fn request_parameters(index: u32, element: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 26u + element); }
fn request_report_at(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 32u); }
fn request_logprobs_at(index: u32) -> u32 { return step_word(step_requests_at() + index * REQUEST_WORDS + 33u); }

const SUBMISSION_WORDS = 2u;
const SUBMISSION_ROW_COUNT = 0u;
const SUBMISSION_CANDIDATE_WORDS = 1u;

const ROW_PLAN_WORDS = 15u;
const ROW_PLAN_STATE = 0u;
const ROW_PLAN_BASE = 1u;
const ROW_PLAN_GUIDANCE_BASE = 2u;
const ROW_PLAN_IS_ENTRY = 3u;
const ROW_PLAN_ENTRY_BLOCK_STEP = 4u;
const ROW_PLAN_ENTRY_SEQUENCE_STEP = 5u;
const ROW_PLAN_ENTRY_PASSES = 6u;
const ROW_PLAN_FIRST_BLOCK = 7u;
const ROW_PLAN_BLOCK_COUNT = 8u;
const ROW_PLAN_BLOCKS_AT = 9u;
const ROW_PLAN_PASS_LIMIT = 10u;
const ROW_PLAN_STOP_TOKENS_AT = 11u;
const ROW_PLAN_STOP_TOKEN_COUNT = 12u;
const ROW_PLAN_LOGPROB_STEP_WORDS = 13u;
const ROW_PLAN_LOGPROBS_AT = 14u;

const BLOCK_PLAN_WORDS = 9u;
const BLOCK_PLAN_OPEN_AT_START = 0u;
const BLOCK_PLAN_FIRST_STEP = 1u;
const BLOCK_PLAN_STEP_COUNT = 2u;
const BLOCK_PLAN_STEPS_AT = 3u;
const BLOCK_PLAN_STEP_LIMIT = 4u;
const BLOCK_PLAN_STOP_START = 5u;
const BLOCK_PLAN_STOP_END = 6u;
const BLOCK_PLAN_EDITABLE_AT = 7u;
const BLOCK_PLAN_EDITABLE_COUNT = 8u;

const STEP_PLAN_WORDS = 7u;
const STEP_PLAN_PASS_AT = 0u;
const STEP_PLAN_PARAMETERS = 1u;

const PASS_PLAN_WORDS = 5u;
const PASS_PLAN_START = 0u;
const PASS_PLAN_END = 1u;
const PASS_PLAN_VISIBLE = 2u;
const PASS_PLAN_MASK_BLOCK = 3u;
const PASS_PLAN_ORIGIN = 4u;

const ROW_STATE_WORDS = 12u;
const ROW_STATE_BLOCK_INDEX = 0u;
const ROW_STATE_IS_ENTERED = 1u;
const ROW_STATE_IS_COMPLETE = 2u;
const ROW_STATE_IS_STOPPED = 3u;
const ROW_STATE_BLOCK_STEP = 4u;
const ROW_STATE_SEQUENCE_STEP = 5u;
const ROW_STATE_PASSES = 6u;
const ROW_STATE_OPEN_AT_START = 7u;
const ROW_STATE_STEPS_TAKEN = 8u;
const ROW_STATE_ENTRY_COUNT = 9u;
const ROW_STATE_INVALID_POSITION = 10u;
const ROW_STATE_ROW_COUNT = 11u;

const REPORT_ENTRY_WORDS = 5u;
const REPORT_ENTRY_STEP_INDEX = 0u;
const REPORT_ENTRY_POSITION = 1u;
const REPORT_ENTRY_VERDICT = 2u;
const REPORT_ENTRY_TOKEN = 3u;
const REPORT_ENTRY_CONFIDENCE = 4u;

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
