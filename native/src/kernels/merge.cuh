// Merges the parts of a wanted row in an order that depends on their number alone: each thread merges a run of parts, then the
// threads merge in a tree.
#pragma once
#include "device/launch.h"

namespace unmask {

constexpr unsigned merge_threads = 64;

/// What the kernels that merge are launched with.
struct MergeParameters {
  uint32_t tiles, first_row, row_limit;
};

/// The merged part, in thread 0.
template <class Part, class Merge>
__device__ Part merge_parts(const Part* parts, uint32_t count, Part merged, const Merge& merge) {
  UNMASK_SHARED(Part, shared_parts, merge_threads);
  const uint32_t run = (count + merge_threads - 1) / merge_threads;
  const uint32_t end = min(count, (threadIdx.x + 1) * run);
  for (uint32_t at = threadIdx.x * run; at < end; at++) merged = merge(merged, parts[at]);
  shared_parts[threadIdx.x] = merged;
  __syncthreads();
  for (unsigned width = 1; width < merge_threads; width *= 2) {
    if (threadIdx.x % (2 * width) == 0)
      shared_parts[threadIdx.x] = merge(shared_parts[threadIdx.x], shared_parts[threadIdx.x + width]);
    __syncthreads();
  }
  return shared_parts[0];
}

}  // namespace unmask
