// Attention among the wanted rows of a request, added up over heads and layers. A block computes a row: for each head the sum of the
// softmax over all keys that the row sees, then the shares of the wanted keys, whose scores it computes again. The order of a row's
// sums depends on its keys alone. Bound by the bytes of keys; the requests that need it are few.
#include "kernels/cache.cuh"
#include "kernels/kernel.h"
#include "kernels/reduce.cuh"
#include "kernels/rows.cuh"
#include "kernels/visible.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 64;
constexpr float least = -3.0e38f;

struct Parameters {
  uint32_t width, is_half;
  uint32_t heads, kv_heads;
  float scale;
  uint32_t layer, layers;
};

template <class Cache>
__global__ void __launch_bounds__(threads)
    couplings_kernel(const uint32_t* step, Parameters p, const WantedRow* rows, const float* query,
                     const typename Cache::Element* keys, float* couplings) {
  if (blockIdx.x >= head_of(step).row_count) return;
  const WantedRow& row = rows[blockIdx.x];
  if (row.request == none) return;
  const Request& request = request_at(step, row.request);
  if (p.layer + request.coupled_layers < p.layers) return;
  const Span& span = span_at(step, request.span);
  const uint32_t seen = visible_keys(span, span.start + row.token - span.first_token);
  const uint32_t count = request.max_rows;
  float* const out = couplings + request.couplings_at + size_t{blockIdx.x - request.first_row} * count;
  const float factor = 1.0f / static_cast<float>(p.heads * request.coupled_layers);
  const size_t stride = size_t{p.kv_heads} * p.width;

  UNMASK_DYNAMIC_SHARED(float, own_query);
  for (uint32_t head = 0; head < p.heads; head++) {
    for (uint32_t k = threadIdx.x; k < p.width; k += threads)
      own_query[k] = query[(size_t{row.token} * p.heads + head) * p.width + k];
    __syncthreads();
    const size_t column = span.base * stride + head * p.kv_heads / p.heads * p.width;
    const auto score_of = [&](uint32_t key) {
      float sum = 0;
      for (uint32_t k = 0; k < p.width; k++) sum += own_query[k] * Cache::get(keys, column + key * stride + k);
      return sum * p.scale;
    };
    float highest = least;
    float total = 0;
    for (uint32_t key = threadIdx.x; key < seen; key += threads) {
      const float score = score_of(key);
      const float peak = fmaxf(highest, score);
      total = total * expf(highest - peak) + expf(score - peak);
      highest = peak;
    }
    const float peak = max_over_block<threads>(highest);
    const float mass = sum_over_block<threads>(total * expf(highest - peak));
    const bool begins = head == 0 && p.layer + request.coupled_layers == p.layers;
    for (uint32_t other = threadIdx.x; other < count; other += threads) {
      const uint32_t key = span.start + rows[request.first_row + other].token - span.first_token;
      float sum = begins ? 0 : out[other];
      if (key < seen) sum += factor * expf(score_of(key) - peak) / mass;
      out[other] = sum;
    }
    __syncthreads();
  }
}

template <class Cache>
void launch_couplings(const Call& call, const Parameters& p, Stream stream) {
  using Element = typename Cache::Element;
  launch(couplings_kernel<Cache>, call.grid, threads, 4 * size_t{p.width}, stream, call.step, p,
         call.buffer<const WantedRow>(0), call.buffer<const float>(1), call.buffer<const Element>(2),
         call.buffer<float>(3));
}

}  // namespace

void couplings(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  if (p.is_half) launch_couplings<CacheF16>(call, p, stream);
  else launch_couplings<CacheF32>(call, p, stream);
}

}  // namespace unmask
