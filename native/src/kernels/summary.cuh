// A Partial: what the statistics of a row need of some consecutive tokens, and of two such ranges together.
#pragma once
#include "kernels/numbers.cuh"
#include "kernels/rows.cuh"

namespace unmask {

/// Of no tokens.
__device__ inline Partial empty_partial() { return {lowest, none, lowest, 0, 0, lowest, none, lowest, 0}; }

/// Excludes tokens, and finds the best two.
__device__ inline void find_best(Partial& part, float* logits, uint32_t first, uint32_t count, const Request& request,
                          uint32_t position, const uint32_t* forbidden) {
  for (uint32_t n = 0; n < count; n++) {
    float logit = logits[n];
    const uint32_t token = first + n;
    if (is_excluded(forbidden, request, position, token) || is_minus_infinity(logit)) {
      logit = lowest;
    } else if (!is_finite(logit)) {
      part.invalid = 1;
      logit = lowest;
    }
    logits[n] = logit;
    if (logit > part.highest) {
      part.second = part.highest;
      part.highest = logit;
      part.best = token;
    } else if (logit > part.second) {
      part.second = logit;
    }
  }
}

/// Draws a token with Gumbel noise.
__device__ inline void sample(Partial& part, const float* logits, uint32_t first, uint32_t count, const Request& request,
                       uint32_t position) {
  Words4 drawn;
  uint32_t quad = none;
  for (uint32_t n = 0; n < count; n++) {
    if (logits[n] <= lowest) continue;
    const uint32_t token = first + n;
    if (quad != token / 4) {
      quad = token / 4;
      drawn = draw(request.seed, position, request.sequence_step, token);
    }
    const float score = logits[n] + request.temperature * gumbel(drawn, token);
    if (score > part.score) {
      part.score = score;
      part.token = token;
      part.token_logit = logits[n];
    }
  }
}

__device__ inline Partial summarize(float* logits, uint32_t first, uint32_t count, const Request& request, uint32_t position,
                             const uint32_t* forbidden) {
  Partial part = empty_partial();
  find_best(part, logits, first, count, request, position, forbidden);
  if (part.best == none) return part;
  for (uint32_t n = 0; n < count; n++) {
    const float below = request.score_factor * (logits[n] - part.highest);
    const float share = expf(below);
    if (first + n != part.best) part.rest += share;
    if (share > 0) part.weighted += share * below;
  }
  if (has(request, request_flag_sampled)) {
    sample(part, logits, first, count, request, position);
  } else {
    part.score = part.highest;
    part.token = part.best;
    part.token_logit = part.highest;
  }
  return part;
}

/// Of equal logits that of part `a`, which has the lower tokens, comes first.
__device__ inline Partial merge_partials(const Partial& a, const Partial& b, float factor) {
  const uint32_t invalid = a.invalid | b.invalid;
  if (a.best == none || b.best == none) {
    Partial only = a.best == none ? b : a;
    only.invalid = invalid;
    return only;
  }
  const bool is_higher = b.highest > a.highest;
  const float highest = fmaxf(a.highest, b.highest);
  const float below_a = factor * (a.highest - highest);
  const float below_b = factor * (b.highest - highest);
  const float factor_a = expf(below_a);
  const float factor_b = expf(below_b);
  const bool other = b.score > a.score;
  return {
      highest,
      is_higher ? b.best : a.best,
      fmaxf(fminf(a.highest, b.highest), fmaxf(a.second, b.second)),
      is_higher ? b.rest + factor_a * (1 + a.rest) : a.rest + factor_b * (1 + b.rest),
      factor_a * (a.weighted + (1 + a.rest) * below_a) + factor_b * (b.weighted + (1 + b.rest) * below_b),
      fmaxf(a.score, b.score),
      other ? b.token : a.token,
      other ? b.token_logit : a.token_logit,
      invalid,
  };
}

}  // namespace unmask
