// Iteration smoothing: positions that stay undecided get E[mask] + weight * mixture as their input embedding. The device decides which
// these are, or the host has set the weight of a request after the pass. A block a wanted row. Runs once for each shard of the
// embedding; the shard with the mask token acts. Bound by bytes.
#include "kernels/rows.cuh"
#include "kernels/weights.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 64;

struct Parameters {
  uint32_t hidden, stride, first, last;
};

template <class Weights>
__global__ void __launch_bounds__(threads)
    update_soft_embeddings_kernel(const uint32_t* step, Parameters p, const uint32_t* weight, const WantedRow* rows,
                                  const float* mixture, float* soft, uint32_t* flags) {
  const uint32_t row = blockIdx.x;
  if (row >= head_of(step).row_count || rows[row].request == none) return;
  const Request& request = request_at(step, rows[row].request);
  const uint32_t mask_token = request.mask_token;
  if (!has(request, request_flag_mixture) || mask_token < p.first || mask_token >= p.last) return;
  const size_t at = span_at(step, request.span).base + rows[row].position;
  if (!(flags[at] & position_flag_undecided)) return;
  const auto write = [&](size_t to) {
    for (uint32_t pack = threadIdx.x; pack < p.stride; pack += threads) {
      const float4 w = weight_at<Weights>(weight, p.stride, mask_token - p.first, pack);
      each_element(w, p.hidden - 4 * pack, [&](uint32_t i, float own) {
        const uint32_t column = 4 * pack + i;
        soft[to * p.hidden + column] = own + request.soft_embedding_weight * mixture[size_t{row} * p.hidden + column];
      });
    }
    if (threadIdx.x == 0) flags[to] |= position_flag_soft;
  };
  write(at);
  if (request.guidance_span != none) write(span_at(step, request.guidance_span).base + rows[row].position);
}

}  // namespace

void updateSoftEmbeddings(const Call& call, Stream stream) {
  with_weights(call.dtype, [&](auto weights) {
    launch(update_soft_embeddings_kernel<decltype(weights)>, call.grid, threads, 0, stream, call.step,
           call.as<Parameters>(), call.buffer<const uint32_t>(0), call.buffer<const WantedRow>(1),
           call.buffer<const float>(2), call.buffer<float>(3), call.buffer<uint32_t>(4));
  });
}

}  // namespace unmask
