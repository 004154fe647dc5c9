// Soft mixtures: the sum of weight * embedding over the vocabulary. distribution.cu has replaced the logits by the weights. A block a
// row and 256 columns, a thread four columns; each thread sums over the tokens in order. Runs once for each shard of the embedding;
// the first shard starts the sums. Bound by the bytes of the embedding.
#include "kernels/rows.cuh"
#include "kernels/weights.cuh"

namespace unmask {
namespace {

/// Packs of a block, as the host starts blocks.
constexpr unsigned threads = 64;

struct Parameters {
  uint32_t hidden, stride, vocabulary, first_row, row_limit, first, last;
};

template <class Weights>
__global__ void __launch_bounds__(threads)
    mixture_kernel(const uint32_t* step, Parameters p, const uint32_t* weight, const WantedRow* rows, const float* shares,
                   float* mixture) {
  const uint32_t row = p.first_row + blockIdx.x;
  const uint32_t pack = blockIdx.y * threads + threadIdx.x;
  if (row >= rows_end(step, p.row_limit) || rows[row].request == none || pack >= p.stride) return;
  if (!has(request_at(step, rows[row].request), request_flag_mixture)) return;
  float4 sum = make_float4(0, 0, 0, 0);
  for (uint32_t token = p.first; token < p.last; token++) {
    const float share = shares[size_t{blockIdx.x} * p.vocabulary + token];
    if (share == 0) continue;
    const float4 w = weight_at<Weights>(weight, p.stride, token - p.first, pack);
    sum.x += share * w.x;
    sum.y += share * w.y;
    sum.z += share * w.z;
    sum.w += share * w.w;
  }
  each_element(sum, p.hidden - 4 * pack, [&](uint32_t i, float value) {
    const size_t at = size_t{row} * p.hidden + 4 * pack + i;
    mixture[at] = p.first == 0 ? value : mixture[at] + value;
  });
}

}  // namespace

void mixture(const Call& call, Stream stream) {
  with_any_weights(call.dtype, [&](auto weights) {
    launch(mixture_kernel<decltype(weights)>, call.grid, threads, 0, stream, call.step, call.as<Parameters>(),
           call.buffer<const uint32_t>(0), call.buffer<const WantedRow>(1), call.buffer<const float>(2),
           call.buffer<float>(3));
  });
}

}  // namespace unmask
