// Statistics of a wanted row: one word each. The order is that of statisticsLayout.ts.
const STATISTICS_WORDS = 16u;
const STAT_TOKEN = 0u;
const STAT_CONFIDENCE = 1u;
const STAT_BEST = 2u;
const STAT_BEST_LOGIT = 3u;
const STAT_BEST_PROBABILITY = 4u;
const STAT_SECOND_PROBABILITY = 5u;
const STAT_ENTROPY = 6u;
const STAT_LOG_SUM_EXP = 7u;
const STAT_VALID = 8u;
const STAT_DIVERGENCE = 9u;
const STAT_CHOICE_LOGIT = 10u;
/// Sum of exp(l - best logit) over all tokens but the best.
const STAT_REST = 11u;
