// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: blockDone
// core/decode/dreamSchedule.ts. Parameters: the share of the open rows that this step commits (NONE: all), what makes a
// row sure (0 probability, 1 margin, 2 entropy), the temperature of the order.
const PARAMETER_SHARE = 0u;
const PARAMETER_ORDER = 1u;
const PARAMETER_ALG_TEMPERATURE = 2u;

fn decide(b: Block, lane: u32) {
  let heat = parameter_float(b, PARAMETER_ALG_TEMPERATURE);
  for (var i = lane; i < b.count; i += lanes) {
    var score = confidence(b, i);
    if (parameter(b, PARAMETER_ORDER) == 1u) { score = statistics[row_of(b, i)].best_probability - statistics[row_of(b, i)].second_probability; }
    if (parameter(b, PARAMETER_ORDER) == 2u) { score = -statistics[row_of(b, i)].entropy; }
    if (heat > 0.0) {
      let bits = philox(vec4<u32>(position_of(b, i), b.sequence_step, 0u, 1u), request_seed(b.request)).x;
      score -= heat * precise_log(minus_log_uniform(bits));
    }
    set_key(b, i, key_of(score));
  }
  var count = b.open;
  if (parameter(b, PARAMETER_SHARE) != NONE) {
    count = min(b.open, u32(max(floor(f32(b.open) * parameter_float(b, PARAMETER_SHARE)), 0.0)));
  }
  commit_highest(b, count, lane);
}
