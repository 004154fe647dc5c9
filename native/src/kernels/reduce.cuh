// Sums over a block in an order that depends on the number of threads alone.
#pragma once
#include "device/launch.h"

namespace unmask {

constexpr unsigned all_lanes = 0xffffffffu;

/// The sum of every thread's value, in each thread. The block has a multiple of 32 threads, at most 1024.
template <unsigned threads>
__device__ float sum_over_block(float value) {
  static_assert(threads % 32 == 0 && threads <= 1024);
  for (int lanes = 16; lanes > 0; lanes /= 2) value += __shfl_xor_sync(all_lanes, value, lanes);
  if constexpr (threads == 32) return value;
  UNMASK_SHARED(float, warp_sums, threads / 32);
  if (threadIdx.x % 32 == 0) warp_sums[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
  for (unsigned warp = 0; warp < threads / 32; warp++) sum += warp_sums[warp];
  // The array is written again by the next sum.
  __syncthreads();
  return sum;
}

}  // namespace unmask
