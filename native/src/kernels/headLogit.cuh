// The logit of a token at a wanted row, computed by all threads of a block.
#pragma once
#include "kernels/reduce.cuh"
#include "kernels/weights.cuh"

namespace unmask {

constexpr unsigned logit_threads = 128;

struct HeadLogitParameters {
  uint32_t in_features, stride;
  /// Tokens [first, last) are in this shard.
  uint32_t first, last;

  __device__ bool holds(uint32_t token) const { return token >= first && token < last; }
};

/// @param x the hidden states of wanted rows
template <class Weights>
__device__ float head_logit(const HeadLogitParameters& p, const uint32_t* weight, const float* x, uint32_t row,
                            uint32_t token) {
  const float* const hidden = x + size_t{row} * p.in_features;
  float sum = 0;
  for (uint32_t pack = threadIdx.x; pack < p.stride; pack += logit_threads) {
    const float4 w = weight_at<Weights>(weight, p.stride, token - p.first, pack);
    each_element(w, p.in_features - 4 * pack, [&](uint32_t i, float value) { sum += hidden[4 * pack + i] * value; });
  }
  return sum_over_block<logit_threads>(sum);
}

}  // namespace unmask
