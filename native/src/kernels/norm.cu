// RMS norm of every token's row: x / sqrt(mean(x^2) + epsilon) * weight. A block a row; bound by bytes.
#include "kernels/kernel.h"
#include "kernels/rounded.cuh"
#include "kernels/reduce.cuh"
#include "kernels/step.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

struct Parameters {
  uint32_t y_bf16;
  uint32_t width;
  float epsilon;
};

__global__ void __launch_bounds__(threads)
    norm_kernel(const uint32_t* step, Parameters p, const float* weight, const float* x, void* y) {
  const unsigned row = blockIdx.x;
  if (row >= head_of(step).token_count) return;
  const size_t at = size_t{row} * p.width;
  float squares = 0;
  for (unsigned k = threadIdx.x; k < p.width; k += threads) squares += x[at + k] * x[at + k];
  const float scale = 1.0f / sqrtf(sum_over_block<threads>(squares) / static_cast<float>(p.width) + p.epsilon);
  for (unsigned k = threadIdx.x; k < p.width; k += threads) put_number(y, at + k, x[at + k] * scale * weight[k], p.y_bf16);
}

}  // namespace

void norm(const Call& call, Stream stream) {
  launch(norm_kernel, call.grid, threads, 0, stream, call.step, call.as<Parameters>(), call.buffer<const float>(0),
         call.buffer<const float>(1), call.buffer<void>(2));
}

}  // namespace unmask
