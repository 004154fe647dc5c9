// include: step
override lanes: u32;
// include: reduce
// include: request
// include: numbers
// The best tokens of the rows that want them, from the logits of a chunk of rows, with the log-sum-exp that normalises their
// logits. Each lane holds the best of its tokens that is not listed yet; a round lists the best of all lanes, and that
// lane searches for its next one. A workgroup a row; bound by latency: a lane's part of the vocabulary for each token.
@group(1) @binding(4) var<storage, read_write> candidates: array<u32>;
// include: heldLogits

struct Candidate { logit: f32, token: u32 }
var<workgroup> best_logits: array<f32, lanes>;
var<workgroup> best_tokens: array<u32, lanes>;

/// Higher logits come first, of equal ones the lower token.
fn comes_before(a: Candidate, b: Candidate) -> bool {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

/// The first of the lane's tokens that comes after another one.
fn next(at: u32, before: Candidate, lane: u32) -> Candidate {
  var found = Candidate(LOWEST, NONE);
  for (var token = lane; token < p.vocabulary; token += lanes) {
    let own = Candidate(logits[at + token], token);
    if (own.logit > LOWEST && comes_before(before, own) && comes_before(own, found)) { found = own; }
  }
  return found;
}

/// The first of all lanes' candidates.
fn first_of_all(own: Candidate, lane: u32) -> Candidate {
  best_logits[lane] = own.logit;
  best_tokens[lane] = own.token;
  workgroupBarrier();
  for (var width = lanes / 2u; width > 0u; width = width / 2u) {
    if (lane < width) {
      let other = Candidate(best_logits[lane + width], best_tokens[lane + width]);
      if (comes_before(other, Candidate(best_logits[lane], best_tokens[lane]))) {
        best_logits[lane] = other.logit;
        best_tokens[lane] = other.token;
      }
    }
    workgroupBarrier();
  }
  let found = Candidate(best_logits[0], best_tokens[0]);
  workgroupBarrier();
  return found;
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_row_count(), p.row_limit)) { return; }
  let request = rows[row].request;
  if (request == NONE) { return; }
  if (!has(request, REQUEST_FLAG_CANDIDATES)) { return; }
  let at = group.x * p.vocabulary;
  exclude(row, at, lane);
  var own = next(at, Candidate(-LOWEST, NONE), lane);
  var best = first_of_all(own, lane);
  var rest = 0.0;
  for (var token = lane; token < p.vocabulary; token += lanes) {
    if (token != best.token) { rest += exp(logits[at + token] - best.logit); }
  }
  let log_mass = log_one_plus(reduce_sum(rest, lane));
  let list = row * step_candidate_words();
  if (lane == 0u) { candidates[list + CANDIDATE_LIST_LOG_SUM_EXP] = bitcast<u32>(log_mass); }
  let count = request_candidate_count(request);
  for (var rank = 0u; rank < count; rank++) {
    if (lane == 0u) {
      let candidate = list + CANDIDATE_LIST_WORDS + CANDIDATE_WORDS * rank;
      candidates[candidate + CANDIDATE_TOKEN] = best.token;
      candidates[candidate + CANDIDATE_LOGIT] = bitcast<u32>(best.logit);
    }
    if (own.token == best.token) { own = next(at, best, lane); }
    best = first_of_all(own, lane);
  }
}
