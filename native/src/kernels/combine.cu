// y = the sum of weight * part over a token's experts, best expert first, plus a residual where there is one. A thread a column;
// bound by bytes.
#include "kernels/kernel.h"
#include "kernels/step.cuh"

namespace unmask {
namespace {

/// Columns of a block, as the host starts blocks.
constexpr unsigned threads = 64;

struct Parameters {
  uint32_t has_residual;
  uint32_t hidden, top_k;
};

__global__ void __launch_bounds__(threads)
    combine_kernel(const uint32_t* step, Parameters p, const float* parts, const float* topk_weights,
                   const float* residual, float* y) {
  const uint32_t row = blockIdx.x;
  const uint32_t column = blockIdx.y * threads + threadIdx.x;
  if (row >= head_of(step).token_count || column >= p.hidden) return;
  float sum = 0;
  for (uint32_t rank = 0; rank < p.top_k; rank++) {
    const size_t routed = size_t{row} * p.top_k + rank;
    sum += topk_weights[routed] * parts[routed * p.hidden + column];
  }
  const size_t at = size_t{row} * p.hidden + column;
  if (p.has_residual) sum += residual[at];
  y[at] = sum;
}

}  // namespace

void combine(const Call& call, Stream stream) {
  launch(combine_kernel, call.grid, threads, 0, stream, call.step, call.as<Parameters>(), call.buffer<const float>(0),
         call.buffer<const float>(1), call.buffer<const float>(2), call.buffer<float>(3));
}

}  // namespace unmask
