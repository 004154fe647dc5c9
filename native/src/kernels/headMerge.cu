// Statistics of a wanted row, merged from the parts of its distribution. A block a row; bound by the bytes of the parts.
#include "kernels/kernel.h"
#include "kernels/merge.cuh"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

/// Of equal logits that of part `a`, which has the lower tokens, comes first.
__device__ Partial merge(const Partial& a, const Partial& b, float factor) {
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

__global__ void __launch_bounds__(merge_threads)
    head_merge_kernel(const uint32_t* step, MergeParameters p, const WantedRow* rows, const Partial* partials,
                      Statistics* statistics) {
  const uint32_t row = p.first_row + blockIdx.x;
  if (row >= rows_end(step, p.row_limit) || rows[row].request == none) return;
  const float factor = request_at(step, rows[row].request).score_factor;
  const Partial empty = {lowest, none, lowest, 0, 0, lowest, none, lowest, 0};
  const Partial whole = merge_parts(partials + size_t{blockIdx.x} * p.tiles, p.tiles, empty,
                                    [=](const Partial& a, const Partial& b) { return merge(a, b, factor); });
  if (threadIdx.x != 0) return;
  const float mass = 1 + whole.rest;
  const float best_probability = 1 - whole.rest / mass;
  const float log_mass = log1pf(whole.rest);
  const float token_probability = expf(factor * (whole.token_logit - whole.highest)) / mass;
  Statistics& own = statistics[row];
  // Field by field, as other kernels write the divergence.
  own.token = whole.token;
  own.confidence = whole.token == whole.best ? best_probability : token_probability;
  own.best = whole.best;
  own.best_logit = whole.highest;
  own.best_probability = best_probability;
  own.second_probability = expf(factor * (whole.second - whole.highest)) / mass;
  own.entropy = fmaxf(log_mass - whole.weighted / mass, 0.0f);
  own.log_sum_exp = log_mass;
  own.valid = whole.invalid == 0 && whole.best != none;
  own.token_logit = whole.token_logit;
  own.rest = whole.rest;
}

}  // namespace

void headMerge(const Call& call, Stream stream) {
  launch(head_merge_kernel, call.grid, merge_threads, 0, stream, call.step, call.as<MergeParameters>(),
         call.buffer<const WantedRow>(0), call.buffer<const Partial>(1), call.buffer<Statistics>(2));
}

}  // namespace unmask
