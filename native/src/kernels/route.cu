// RMS norm, router, scores of all experts, and the top_k experts of each token (the lowest index on ties), followed by the shared
// expert. A block a token, a warp an expert's row of the router. Bound by latency.
#include "kernels/reduce.cuh"
#include "kernels/rounded.cuh"
#include "kernels/step.cuh"
#include "kernels/weights.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;
constexpr float least = -3.0e38f;

struct Parameters {
  uint32_t experts, has_bias, normalize;
  /// Scores are sigmoids and the bias affects the choice alone; else scores are a softmax and include the bias.
  uint32_t sigmoid;
  uint32_t groups, top_groups, has_shared, y_bf16;
  uint32_t hidden, stride, top_k;
  float epsilon, scale;
};

/// Softmax over all experts.
__device__ void softmax(float* scores, uint32_t experts) {
  float own_highest = least;
  for (uint32_t expert = threadIdx.x; expert < experts; expert += threads) own_highest = fmaxf(own_highest, scores[expert]);
  const float highest = max_over_block<threads>(own_highest);
  float own_total = 0;
  for (uint32_t expert = threadIdx.x; expert < experts; expert += threads) {
    scores[expert] = expf(scores[expert] - highest);
    own_total += scores[expert];
  }
  const float total = sum_over_block<threads>(own_total);
  for (uint32_t expert = threadIdx.x; expert < experts; expert += threads) scores[expert] /= total;
}

/// Whether element i comes before element j: higher ones first, of equal ones the lower index.
__device__ bool comes_before(const float* values, uint32_t i, uint32_t j) {
  return values[i] > values[j] || (values[i] == values[j] && i < j);
}

/// The number of elements that come before element i.
__device__ uint32_t rank_of(const float* values, uint32_t count, uint32_t i) {
  uint32_t rank = 0;
  for (uint32_t other = 0; other < count; other++) rank += comes_before(values, other, i);
  return rank;
}

/// Masks the experts of all but the best groups. The score of a group is the sum of its two best experts.
__device__ void mask_groups(const Parameters& p, float* biased, float* group_scores) {
  const uint32_t size = p.experts / p.groups;
  for (uint32_t group = threadIdx.x; group < p.groups; group += threads) {
    float first = least;
    float second = least;
    for (uint32_t i = 0; i < size; i++) {
      const float score = biased[group * size + i];
      second = fmaxf(second, fminf(first, score));
      first = fmaxf(first, score);
    }
    group_scores[group] = first + (size == 1 ? 0 : second);
  }
  __syncthreads();
  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads)
    if (rank_of(group_scores, p.groups, expert / size) >= p.top_groups) biased[expert] = least;
  __syncthreads();
}

template <class Weights>
__global__ void __launch_bounds__(threads)
    route_kernel(const uint32_t* step, Parameters p, const float* norm, const uint32_t* weight, const float* bias,
                 const float* residual, void* x, uint32_t* topk_ids, float* topk_weights) {
  const uint32_t row = blockIdx.x;
  if (row >= head_of(step).token_count) return;
  UNMASK_DYNAMIC_SHARED(float, scores);
  /// Scores that decide the choice.
  float* const biased = scores + p.experts;
  float* const best = biased + p.experts;
  float* const group_scores = best + p.experts;
  float* const normed = group_scores + p.groups;
  const float* const source = residual + size_t{row} * p.hidden;
  const size_t ranks = p.top_k + p.has_shared;

  float squares = 0;
  for (uint32_t k = threadIdx.x; k < p.hidden; k += threads) squares += source[k] * source[k];
  const float scale = 1.0f / sqrtf(sum_over_block<threads>(squares) / static_cast<float>(p.hidden) + p.epsilon);
  for (uint32_t k = threadIdx.x; k < p.hidden; k += threads) {
    normed[k] = source[k] * scale * norm[k];
    put_number(x, size_t{row} * p.hidden + k, normed[k], p.y_bf16);
  }
  __syncthreads();

  for (uint32_t expert = threadIdx.x / 32; expert < p.experts; expert += threads / 32) {
    float score = 0;
    for (uint32_t pack = threadIdx.x % 32; pack < p.stride; pack += 32) {
      const float4 w = weight_at<Weights>(weight, p.stride, expert, pack);
      each_element(w, p.hidden - 4 * pack, [&](uint32_t i, float value) { score += normed[4 * pack + i] * value; });
    }
    for (int lanes = 16; lanes > 0; lanes /= 2) score += __shfl_xor_sync(all_lanes, score, lanes);
    if (threadIdx.x % 32 == 0) scores[expert] = p.sigmoid ? 1.0f / (1.0f + expf(fminf(-score, 80.0f))) : score;
  }
  __syncthreads();
  if (!p.sigmoid) softmax(scores, p.experts);
  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads) {
    const float score = scores[expert] + (p.has_bias ? bias[expert] : 0.0f);
    biased[expert] = score;
    if (!p.sigmoid) scores[expert] = score;
  }
  __syncthreads();
  if (p.top_groups < p.groups) mask_groups(p, biased, group_scores);

  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads) {
    const uint32_t rank = rank_of(biased, p.experts, expert);
    if (rank >= p.top_k) continue;
    topk_ids[row * ranks + rank] = expert;
    best[rank] = scores[expert];
  }
  __syncthreads();
  float factor = p.scale;
  if (p.normalize) {
    float mass = 0;
    for (uint32_t rank = 0; rank < p.top_k; rank++) mass += best[rank];
    // Avoids a division by 0 if all sigmoids are 0.
    factor = p.scale / (mass + 1.0e-20f);
  }
  for (uint32_t rank = threadIdx.x; rank < p.top_k; rank += threads) topk_weights[row * ranks + rank] = best[rank] * factor;
  if (p.has_shared && threadIdx.x == 0) {
    topk_ids[row * ranks + p.top_k] = p.experts;
    topk_weights[row * ranks + p.top_k] = 1;
  }
}

}  // namespace

void route(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  with_weights(call.dtype, [&](auto weights) {
    launch(route_kernel<decltype(weights)>, call.grid, threads, sizeof(float) * (3 * p.experts + p.groups + p.hidden), stream,
           call.step, p, call.buffer<const float>(0), call.buffer<const uint32_t>(1), call.buffer<const float>(2),
           call.buffer<const float>(3), call.buffer<void>(4), call.buffer<uint32_t>(5), call.buffer<float>(6));
  });
}

}  // namespace unmask
