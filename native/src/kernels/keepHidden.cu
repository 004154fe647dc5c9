// For KL(now || before): copies each wanted row's final hidden state to `paired`, row 2i, and that of the step before to row 2i + 1;
// then keeps the new one for the next step. A block a row; bound by bytes.
#include "kernels/kernel.h"
#include "kernels/numbers.cuh"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

struct Parameters {
  uint32_t width;
};

/// @param kept_step by position: one more than the step whose state is kept; 0 if none is
__global__ void __launch_bounds__(threads)
    keep_hidden_kernel(const uint32_t* step, Parameters p, const WantedRow* rows, const float* hidden, float* kept,
                       uint32_t* kept_step, float* paired, Statistics* statistics) {
  const uint32_t row = blockIdx.x;
  if (row >= head_of(step).row_count || rows[row].request == none) return;
  const Request& request = request_at(step, rows[row].request);
  if (!has(request, request_flag_divergence)) return;
  const size_t at = span_at(step, request.span).base + rows[row].position;
  for (uint32_t k = threadIdx.x; k < p.width; k += threads) {
    const float now = hidden[size_t{row} * p.width + k];
    paired[size_t{2} * row * p.width + k] = now;
    paired[(size_t{2} * row + 1) * p.width + k] = kept[at * p.width + k];
    kept[at * p.width + k] = now;
  }
  if (threadIdx.x != 0) return;
  const bool is_comparable = request.sequence_step > 0 && kept_step[at] == request.sequence_step;
  // Infinity without a state of the step before; divergenceMerge.cu skips such rows.
  statistics[row].divergence = __uint_as_float(is_comparable ? 0 : infinity_bits);
  kept_step[at] = request.sequence_step + 1;
}

}  // namespace

void keepHidden(const Call& call, Stream stream) {
  launch(keep_hidden_kernel, call.grid, threads, 0, stream, call.step, call.as<Parameters>(),
         call.buffer<const WantedRow>(0), call.buffer<const float>(1), call.buffer<float>(2), call.buffer<uint32_t>(3),
         call.buffer<float>(4), call.buffer<Statistics>(5));
}

}  // namespace unmask
