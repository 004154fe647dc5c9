// Statistics of a wanted row, merged from the parts of its distribution. A block a row; bound by the bytes of the parts.
#include "kernels/kernel.h"
#include "kernels/merge.cuh"
#include "kernels/rows.cuh"
#include "kernels/summary.cuh"

namespace unmask {
namespace {

__global__ void __launch_bounds__(merge_threads)
    head_merge_kernel(const uint32_t* step, MergeParameters p, const WantedRow* rows, const Partial* partials,
                      Statistics* statistics) {
  const uint32_t row = p.first_row + blockIdx.x;
  if (row >= rows_end(step, p.row_limit) || rows[row].request == none) return;
  const float factor = request_at(step, rows[row].request).score_factor;
  const Partial whole = merge_parts(partials + size_t{blockIdx.x} * p.tiles, p.tiles, empty_partial(),
                                    [=](const Partial& a, const Partial& b) { return merge_partials(a, b, factor); });
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
