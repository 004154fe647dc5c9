// A head request, as the descriptor has it.
const HAS_FORBIDDEN = 1u;
const WANTS_DIVERGENCE = 2u;
const WANTS_MIXTURE = 4u;
const SAMPLES = 8u;
const FILTERS = 16u;
const WANTS_KNOWN = 32u;
const SCORES_SAMPLED = 64u;

fn first_row(request: u32) -> u32 { return request_word(request, 0u); }
fn row_limit(request: u32) -> u32 { return request_word(request, 1u); }
fn mask_token(request: u32) -> u32 { return request_word(request, 4u); }
fn temperature(request: u32) -> f32 { return request_float(request, 5u); }
/// What differences of logits are multiplied with where scores are of the tempered distribution; else 1.
fn score_factor(request: u32) -> f32 { return request_float(request, 31u); }
/// How far below the best logit a token may be that minP lets through.
fn min_p_floor(request: u32) -> f32 { return request_float(request, 32u); }
fn seed(request: u32) -> u32 { return request_word(request, 8u); }
fn has(request: u32, flag: u32) -> bool { return (request_word(request, 12u) & flag) != 0u; }
fn state_of(request: u32) -> u32 { return request_word(request, 14u); }
/// Whether the best tokens are wanted, and how many.
fn wants_top(request: u32) -> bool { return request_word(request, 26u) != 0u; }
fn top_count(request: u32) -> u32 { return request_word(request, 26u) - 1u; }
/// Words of a row's best tokens, of those in the pass the most: logSumExp, then (token, logit) each.
fn candidate_words() -> u32 { return step_word(7u); }
/// Decode steps of the sequence so far: known to the host, or counted on the device.
fn sequence_step(request: u32) -> u32 {
  let state = state_of(request);
  if (state == NONE) { return request_word(request, 9u); }
  return control_word(state_at(state, 2u));
}
