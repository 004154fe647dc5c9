// Sums and maxima over a block in an order that depends on the number of threads alone.
#pragma once
#include "device/launch.h"

namespace unmask {

constexpr unsigned all_lanes = 0xffffffffu;

/// The combination of every thread's value, in each thread. The block has a multiple of 32 threads, at most 1024.
template <unsigned threads, class Combine>
__device__ float combine_over_block(float value, Combine combine) {
  static_assert(threads % 32 == 0 && threads <= 1024);
  for (int lanes = 16; lanes > 0; lanes /= 2) value = combine(value, __shfl_xor_sync(all_lanes, value, lanes));
  UNMASK_SHARED(float, warps, threads / 32);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  float all = warps[0];
  for (unsigned warp = 1; warp < threads / 32; warp++) all = combine(all, warps[warp]);
  // The array is written again by the next call.
  __syncthreads();
  return all;
}

struct Sum {
  __device__ float operator()(float a, float b) const { return a + b; }
};
struct Maximum {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

template <unsigned threads>
__device__ float sum_over_block(float value) {
  return combine_over_block<threads>(value, Sum());
}

template <unsigned threads>
__device__ float max_over_block(float value) {
  return combine_over_block<threads>(value, Maximum());
}

}  // namespace unmask
