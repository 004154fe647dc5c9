// Input embeddings of the pass's tokens: the token's row, or the soft embedding of its position. A block a token, a thread four
// columns. Runs once for each shard of the embedding and writes the tokens of the shard. Bound by bytes.
#include "kernels/step.cuh"
#include "kernels/weights.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 64;

struct Parameters {
  uint32_t hidden, stride, first, last;
};

template <class Weights>
__global__ void __launch_bounds__(threads)
    embed_kernel(const uint32_t* step, Parameters p, const uint32_t* weight, const uint32_t* tokens, const float* soft,
                 const uint32_t* flags, float* x) {
  const uint32_t row = blockIdx.x;
  if (row >= head_of(step).token_count) return;
  const Span& span = span_of_token(step, row);
  const size_t at = span.base + span.start + row - span.first_token;
  const uint32_t token = tokens[at];
  if (token < p.first || token >= p.last) return;
  const bool is_soft = flags[at] & position_flag_soft;
  for (uint32_t pack = threadIdx.x; pack < p.stride; pack += threads) {
    const float4 value = weight_at<Weights>(weight, p.stride, token - p.first, pack);
    each_element(value, p.hidden - 4 * pack, [&](uint32_t i, float element) {
      const uint32_t column = 4 * pack + i;
      x[size_t{row} * p.hidden + column] = is_soft ? soft[at * p.hidden + column] : element;
    });
  }
}

}  // namespace

void embed(const Call& call, Stream stream) {
  with_any_weights(call.dtype, [&](auto weights) {
    launch(embed_kernel<decltype(weights)>, call.grid, threads, 0, stream, call.step, call.as<Parameters>(),
           call.buffer<const uint32_t>(0), call.buffer<const uint32_t>(1), call.buffer<const float>(2),
           call.buffer<const uint32_t>(3), call.buffer<float>(4));
  });
}

}  // namespace unmask
