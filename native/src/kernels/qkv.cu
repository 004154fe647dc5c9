// Splits the stacked projections of a token: RMS norm of each head of queries and keys, RoPE (rotate-half over the first `rotary`
// elements), then queries are written to their tensor, keys and values to their positions in the pool. A block a token and head;
// bound by bytes.
#include "kernels/cache.cuh"
#include "kernels/step.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 64;

struct Parameters {
  uint32_t has_norm;
  uint32_t heads, kv_heads, width, rotary;
  float epsilon;
  uint32_t rope_row;
};

template <class Cache>
__global__ void __launch_bounds__(threads)
    qkv_kernel(const uint32_t* step, Parameters p, const float* query_norm, const float* key_norm, const float* rope,
               const float* projected, float* query, typename Cache::Element* keys, typename Cache::Element* values) {
  const uint32_t row = blockIdx.x;
  const uint32_t head = blockIdx.y;
  if (row >= head_of(step).token_count) return;
  const Span& span = span_of_token(step, row);
  const uint32_t position = span.start + row - span.first_token;
  const float* const source = projected + (size_t{row} * (p.heads + 2 * p.kv_heads) + head) * p.width;
  const size_t pool = size_t{span.base + position} * p.kv_heads * p.width;
  if (head >= p.heads + p.kv_heads) {
    const size_t to = pool + size_t{head - p.heads - p.kv_heads} * p.width;
    for (uint32_t k = threadIdx.x; k < p.width; k += threads) Cache::put(values, to + k, source[k]);
    return;
  }
  const bool is_query = head < p.heads;
  const float* const norm = is_query ? query_norm : key_norm;
  float scale = 1;
  if (p.has_norm) {
    // Every thread sums the whole head: a head is short, and reading it again costs less than a barrier.
    float squares = 0;
    for (uint32_t k = 0; k < p.width; k++) squares += source[k] * source[k];
    scale = 1.0f / sqrtf(squares / static_cast<float>(p.width) + p.epsilon);
  }
  const auto normed = [&](uint32_t k) { return p.has_norm ? source[k] * scale * norm[k] : source[k]; };
  const uint32_t half = p.rotary / 2;
  for (uint32_t k = threadIdx.x; k < p.width; k += threads) {
    float value = normed(k);
    if (k < p.rotary) {
      const uint32_t other = k < half ? k + half : k - half;
      const float partner = normed(other);
      const size_t at = size_t{position - span.twin_distance} * p.rope_row + min(k, other);
      value = value * rope[at] + (k < half ? -partner : partner) * rope[at + half];
    }
    if (is_query) query[(size_t{row} * p.heads + head) * p.width + k] = value;
    else Cache::put(keys, pool + size_t{head - p.heads} * p.width + k, value);
  }
}

}  // namespace

void qkv(const Call& call, Stream stream) {
  with_cache(call.dtype, [&](auto cache) {
    using Element = typename decltype(cache)::Element;
    launch(qkv_kernel<decltype(cache)>, call.grid, threads, 0, stream, call.step, call.as<Parameters>(),
           call.buffer<const float>(0), call.buffer<const float>(1), call.buffer<const float>(2),
           call.buffer<const float>(3), call.buffer<float>(4), call.buffer<Element>(5), call.buffer<Element>(6));
  });
}

}  // namespace unmask
