// A block's sums on their way out: through shared memory, so that a thread stores one column for row after row. A loop over rows keeps
// code and instructions few: with a store for each sum in registers, both were several times those of the product itself.
#pragma once
#include "kernels/stream.cuh"

namespace unmask {

/// Of a row of x in the tile: a panel's sums, and what keeps lanes on different banks.
constexpr unsigned tile_width = panel_rows + 4;

/// Moves the sums into shared memory, where the ring was: row r of x begins at r * tile_width. Ends with a barrier.
template <class X, unsigned groups>
__device__ const float* to_tile(const StreamSums<groups>& sums, char* ring, unsigned used) {
  static_assert(4 * tile_width * 8 * groups <= Ring<X, groups>::bytes);
  auto* const tile = reinterpret_cast<float*>(ring);
  UNMASK_UNROLL
  for (unsigned group = 0; group < groups; group++) {
    if (group >= used) break;
    UNMASK_UNROLL
    for (unsigned half = 0; half < 2; half++)
      UNMASK_UNROLL
      for (unsigned i = 0; i < 4; i++)
        tile[SumPlace::column(group, i) * tile_width + SumPlace::row(half, i)] = sums.values[half][group][i];
  }
  __syncthreads();
  return tile;
}

/// Calls `store` with a row of x, a column of y in the panel's, and the sum; with `paired`, silu(gate) * up.
/// @param sum_at the sum of a row of x and a row of the panel
template <class SumAt, class Store>
__device__ void each_column(unsigned rows, bool paired, const SumAt& sum_at, const Store& store) {
  if (paired) {
    const unsigned column = threadIdx.x % (panel_rows / 2);
    // Of each 32 rows of the panel, the first 16 are gates and the others their ups.
    const unsigned gate = column / 16 * 32 + column % 16;
    for (unsigned row = threadIdx.x / (panel_rows / 2); row < rows; row += 2)
      store(row, column, gated_value(sum_at(row, gate), sum_at(row, gate + 16)));
  } else {
    for (unsigned row = 0; row < rows; row++) store(row, threadIdx.x, sum_at(row, threadIdx.x));
  }
}
static_assert(stream_threads == panel_rows);

}  // namespace unmask
