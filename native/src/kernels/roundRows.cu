// Wanted rows of hidden states, rounded to bf16 for the head on tensor cores. A block a row; bound by latency.
#include "kernels/kernel.h"
#include "kernels/rounded.cuh"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

struct Parameters {
  uint32_t width, first_row, row_limit;
};

__global__ void __launch_bounds__(threads) round_rows_kernel(const uint32_t* step, Parameters p, const float* x, uint16_t* y) {
  const uint32_t row = p.first_row + blockIdx.x;
  if (row >= rows_end(step, p.row_limit)) return;
  for (uint32_t k = threadIdx.x; k < p.width; k += threads) put_number(y, size_t{row} * p.width + k, x[size_t{row} * p.width + k], true);
}

}  // namespace

void roundRows(const Call& call, Stream stream) {
  launch(round_rows_kernel, call.grid, threads, 0, stream, call.step, call.as<Parameters>(), call.buffer<const float>(0),
         call.buffer<uint16_t>(1));
}

}  // namespace unmask
