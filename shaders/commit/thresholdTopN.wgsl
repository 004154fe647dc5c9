// include: step
// include: request
// include: numbers
// include: commit
// include: reduce
// include: aboveOrBest
// include: blockDone
// core/decode/thresholdTopN.ts: every open row above the threshold, or the best few.
const PARAMETER_THRESHOLD = 0u;
const PARAMETER_MINIMUM = 1u;

fn decide(b: Block, lane: u32) { commit_above_or_best(b, parameter_float(b, PARAMETER_THRESHOLD), parameter(b, PARAMETER_MINIMUM), lane); }
