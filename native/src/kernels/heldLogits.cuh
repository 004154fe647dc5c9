// What kernels that read all logits of a row share; such logits exist for a chunk of rows at a time. A block a row.
#pragma once
#include "kernels/numbers.cuh"
#include "kernels/reduce.cuh"
#include "kernels/rows.cuh"

namespace unmask {

constexpr unsigned row_threads = 256;

struct HeldLogitsParameters {
  uint32_t vocabulary, first_row, row_limit;
};

/// Sets the logits of the mask token and of forbidden tokens, and logits of minus infinity, to `lowest`. All threads see the result;
/// a second call changes nothing.
__device__ inline void exclude(float* logits, uint32_t vocabulary, const Request& request, uint32_t position,
                               const uint32_t* forbidden) {
  for (uint32_t token = threadIdx.x; token < vocabulary; token += row_threads)
    if (is_excluded(forbidden, request, position, token) || is_minus_infinity(logits[token])) logits[token] = lowest;
  __syncthreads();
}

}  // namespace unmask
