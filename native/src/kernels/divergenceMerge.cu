// KL(now || before) of a wanted row, merged from the parts of its two distributions. A block a row; bound by the bytes of the parts.
#include "kernels/kernel.h"
#include "kernels/merge.cuh"
#include "kernels/numbers.cuh"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

__device__ DivergencePart merge(const DivergencePart& a, const DivergencePart& b) {
  const float highest = fmaxf(a.highest, b.highest);
  const float before = fmaxf(a.highest_before, b.highest_before);
  const float own = expf(a.highest - highest);
  const float other = expf(b.highest - highest);
  return {highest, a.mass * own + b.mass * other, a.moved * own + b.moved * other, before,
          a.mass_before * expf(a.highest_before - before) + b.mass_before * expf(b.highest_before - before)};
}

__global__ void __launch_bounds__(merge_threads)
    divergence_merge_kernel(const uint32_t* step, MergeParameters p, const WantedRow* rows, const DivergencePart* parts,
                            Statistics* statistics) {
  const uint32_t row = p.first_row + blockIdx.x;
  if (row >= rows_end(step, p.row_limit) || rows[row].request == none) return;
  if (!has(request_at(step, rows[row].request), request_flag_divergence)) return;
  const DivergencePart empty = {lowest, 0, 0, lowest, 0};
  const DivergencePart whole =
      merge_parts(parts + size_t{blockIdx.x} * p.tiles, p.tiles, empty,
                  [](const DivergencePart& a, const DivergencePart& b) { return merge(a, b); });
  if (threadIdx.x != 0) return;
  // keepHidden.cu has set infinity where there is no distribution of the step before.
  if (__float_as_uint(statistics[row].divergence) == infinity_bits) return;
  const float shift = whole.highest_before + logf(whole.mass_before) - whole.highest - logf(whole.mass);
  statistics[row].divergence = fmaxf(whole.moved / whole.mass + shift, 0.0f);
}

}  // namespace

void divergenceMerge(const Call& call, Stream stream) {
  launch(divergence_merge_kernel, call.grid, merge_threads, 0, stream, call.step, call.as<MergeParameters>(),
         call.buffer<const WantedRow>(0), call.buffer<const DivergencePart>(1), call.buffer<Statistics>(2));
}

}  // namespace unmask
