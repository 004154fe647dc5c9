// Softmax attention in one pass over the keys, with an online softmax. A block computes `tile_q` queries of one span and one head,
// and reads keys and values in chunks of `tile_keys` through shared memory. A query's sums run over its keys in order, chunk by chunk
// from key 0, independently of other queries. In f32 throughout; bound by FLOPs outside the tensor cores.
#include "kernels/cache.cuh"
#include "kernels/rounded.cuh"
#include "kernels/step.cuh"
#include "kernels/visible.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 64;
/// Maximum outputs of a thread, which computes every 64th output of the block.
constexpr unsigned max_outputs = 32;
constexpr float least = -3.0e38f;

struct Parameters {
  uint32_t tile_q, tile_keys, width, y_bf16;
  uint32_t heads, kv_heads;
  float scale;
};

template <class Cache>
__global__ void __launch_bounds__(threads)
    attention_kernel(const uint32_t* step, Parameters p, const float* query, const typename Cache::Element* keys,
                     const typename Cache::Element* values, void* output) {
  if (blockIdx.x >= head_of(step).attention_tile_count) return;
  const Span& span = span_of_tile(step, blockIdx.x);
  const uint32_t head = blockIdx.y;
  const uint32_t first = (blockIdx.x - span.first_tile) * p.tile_q;
  const uint32_t count = min(p.tile_q, span.end - span.start - first);
  const uint32_t stride = p.kv_heads * p.width;
  const uint32_t column = head * p.kv_heads / p.heads * p.width;
  const uint32_t padded = p.width + 1;
  const uint32_t lane = threadIdx.x;

  UNMASK_DYNAMIC_SHARED(float, q_tile);
  float* const kv_tile = q_tile + p.tile_q * padded;
  float* const weights = kv_tile + p.tile_keys * padded;
  float* const highest = weights + p.tile_q * p.tile_keys;
  float* const total = highest + p.tile_q;
  float* const rescale = total + p.tile_q;
  auto* const seen = reinterpret_cast<uint32_t*>(rescale + p.tile_q);

  const auto output_at = [&](uint32_t i) {
    return (size_t{span.first_token + first + i / p.width} * p.heads + head) * p.width + i % p.width;
  };
  for (uint32_t i = lane; i < p.tile_q * p.width; i += threads)
    q_tile[i / p.width * padded + i % p.width] = i / p.width < count ? query[output_at(i)] * p.scale : 0;
  if (lane < p.tile_q) {
    highest[lane] = least;
    total[lane] = 0;
    seen[lane] = lane < count ? visible_keys(span, span.start + first + lane) : 0;
  }
  // The last query of a tile sees the most keys.
  const uint32_t most = visible_keys(span, span.start + first + count - 1);
  // Of the first query; those of the others follow it.
  const uint32_t hidden = hidden_key(span, span.start + first);
  const auto is_seen = [&](uint32_t q, uint32_t key) {
    return key < seen[q] && (hidden == none || key != hidden + q);
  };
  const auto load = [&](const typename Cache::Element* pool, uint32_t key0) {
    for (uint32_t i = lane; i < p.tile_keys * p.width; i += threads) {
      const uint32_t key = key0 + i / p.width;
      const size_t at = size_t{key_place(span, key)} * stride + column + i % p.width;
      kv_tile[i / p.width * padded + i % p.width] = key < most ? Cache::get(pool, at) : 0;
    }
  };
  float sums[max_outputs] = {};
  __syncthreads();

  for (uint32_t key0 = 0; key0 < most; key0 += p.tile_keys) {
    load(keys, key0);
    __syncthreads();
    for (uint32_t i = lane; i < p.tile_q * p.tile_keys; i += threads) {
      const float* const q = q_tile + i / p.tile_keys * padded;
      const float* const key = kv_tile + i % p.tile_keys * padded;
      float score = least;
      if (is_seen(i / p.tile_keys, key0 + i % p.tile_keys)) {
        score = 0;
        for (uint32_t k = 0; k < p.width; k++) score += q[k] * key[k];
      }
      weights[i] = score;
    }
    __syncthreads();
    if (lane < p.tile_q) {
      float* const own = weights + lane * p.tile_keys;
      float peak = highest[lane];
      for (uint32_t key = 0; key < p.tile_keys; key++) peak = fmaxf(peak, own[key]);
      const float factor = expf(highest[lane] - peak);
      float sum = total[lane] * factor;
      for (uint32_t key = 0; key < p.tile_keys; key++) {
        own[key] = is_seen(lane, key0 + key) ? expf(own[key] - peak) : 0;
        sum += own[key];
      }
      highest[lane] = peak;
      total[lane] = sum;
      rescale[lane] = factor;
    }
    load(values, key0);
    __syncthreads();
    UNMASK_UNROLL
    for (uint32_t slot = 0; slot < max_outputs; slot++) {
      const uint32_t i = lane + slot * threads;
      if (i < p.tile_q * p.width) {
        const float* const own = weights + i / p.width * p.tile_keys;
        float sum = sums[slot] * rescale[i / p.width];
        for (uint32_t key = 0; key < p.tile_keys; key++) sum += own[key] * kv_tile[key * padded + i % p.width];
        sums[slot] = sum;
      }
    }
    __syncthreads();
  }
  UNMASK_UNROLL
  for (uint32_t slot = 0; slot < max_outputs; slot++) {
    const uint32_t i = lane + slot * threads;
    if (i < count * p.width) put_number(output, output_at(i), sums[slot] / total[i / p.width], p.y_bf16);
  }
}

}  // namespace

void attention(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  const size_t words = (p.tile_q + p.tile_keys) * (p.width + 1) + p.tile_q * p.tile_keys + 4 * p.tile_q;
  with_cache(call.dtype, [&](auto cache) {
    using Element = typename decltype(cache)::Element;
    launch(attention_kernel<decltype(cache)>, call.grid, threads, 4 * words, stream, call.step, p,
           call.buffer<const float>(0), call.buffer<const Element>(1), call.buffer<const Element>(2),
           call.buffer<void>(3));
  });
}

}  // namespace unmask
