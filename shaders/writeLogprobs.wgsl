// include: step
// include: request
// Where the device decides: writes the log-probability of each token that the step wrote, and the best tokens beside it
// with theirs. Each request has a part of `logprobs`, with a list for each step and each position of its block; the lists of
// positions that the step left alone keep what was there. A workgroup a request; bound by latency.
struct Params { scratch_at: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read> memory: array<u32>;
@group(1) @binding(3) var<storage, read> statistics: array<Statistics>;
@group(1) @binding(4) var<storage, read> candidates: array<u32>;
@group(1) @binding(5) var<storage, read_write> logprobs: array<u32>;
// include: decision

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let request = group.x;
  if (request >= step_request_count() || !has(request, REQUEST_FLAG_CANDIDATES)) { return; }
  let start = request_block_start(request);
  let count = request_candidate_count(request);
  let list_words = LOGPROB_LIST_WORDS + LOGPROB_ENTRY_WORDS * count;
  let part = request_logprobs_at(request);
  for (var i = lane; i < request_max_rows(request); i += 64u) {
    let row = request_first_row(request) + i;
    if (rows[row].request == NONE) { continue; }
    let decision = decision_at(row);
    if (memory[decision + DECISION_VERDICT] == VERDICT_KEEP) { continue; }
    let source = row * step_candidate_words();
    let to = part + (rows[row].position - start) * list_words;
    let best_logit = statistics[row].best_logit;
    let log_mass = bitcast<f32>(candidates[source + CANDIDATE_LIST_LOG_SUM_EXP]);
    let logit = bitcast<f32>(memory[decision + DECISION_TOKEN_LOGIT]);
    logprobs[to + LOGPROB_LIST_LOGPROB] = bitcast<u32>(logit - best_logit - log_mass);
    for (var rank = 0u; rank < count; rank++) {
      let candidate = source + CANDIDATE_LIST_WORDS + CANDIDATE_WORDS * rank;
      let entry = to + LOGPROB_LIST_WORDS + LOGPROB_ENTRY_WORDS * rank;
      logprobs[entry + LOGPROB_ENTRY_TOKEN] = candidates[candidate + CANDIDATE_TOKEN];
      logprobs[entry + LOGPROB_ENTRY_LOGPROB] =
        bitcast<u32>(bitcast<f32>(candidates[candidate + CANDIDATE_LOGIT]) - best_logit - log_mass);
    }
  }
}
