// Final hidden states of the wanted rows: RMS norm, and with classifier-free guidance u + (scale + 1) (c - u). A block a row; bound
// by bytes.
#include "kernels/kernel.h"
#include "kernels/reduce.cuh"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

struct Parameters {
  uint32_t width;
  float epsilon;
};

__device__ float scale_of(const float* x, const Parameters& p) {
  float squares = 0;
  for (uint32_t k = threadIdx.x; k < p.width; k += threads) squares += x[k] * x[k];
  return 1.0f / sqrtf(sum_over_block<threads>(squares) / static_cast<float>(p.width) + p.epsilon);
}

__global__ void __launch_bounds__(threads)
    select_rows_kernel(const uint32_t* step, Parameters p, const float* norm, const WantedRow* rows, const float* x,
                       float* hidden) {
  if (blockIdx.x >= head_of(step).row_count) return;
  const WantedRow& row = rows[blockIdx.x];
  if (row.request == none) return;
  float* const to = hidden + size_t{blockIdx.x} * p.width;
  const float* const source = x + size_t{row.token} * p.width;
  const float scale = scale_of(source, p);
  if (row.guidance_token == none) {
    for (uint32_t k = threadIdx.x; k < p.width; k += threads) to[k] = source[k] * scale * norm[k];
    return;
  }
  const float* const unconditional = x + size_t{row.guidance_token} * p.width;
  const float other = scale_of(unconditional, p);
  const float guidance = request_at(step, row.request).guidance_scale + 1.0f;
  for (uint32_t k = threadIdx.x; k < p.width; k += threads) {
    const float free = unconditional[k] * other * norm[k];
    to[k] = free + guidance * (source[k] * scale * norm[k] - free);
  }
}

}  // namespace

void selectRows(const Call& call, Stream stream) {
  launch(select_rows_kernel, call.grid, threads, 0, stream, call.step, call.as<Parameters>(),
         call.buffer<const float>(0), call.buffer<const WantedRow>(1), call.buffer<const float>(2), call.buffer<float>(3));
}

}  // namespace unmask
