// include: step
// include: request
// include: statistics
// include: numbers
// include: commit
// include: reduce
// include: aboveOrBest
// include: settled
// core/decode/thresholdTopN.ts: every open row above the threshold, or the best few.
fn decide(b: Block, lane: u32) { commit_above_or_best(b, parameter_float(b, 0u), parameter(b, 1u), lane); }
