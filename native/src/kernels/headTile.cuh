// Logits of a tile of wanted rows and of the vocabulary, and what kernels over such tiles are launched with.
#pragma once
#include "kernels/numbers.cuh"
#include "kernels/rows.cuh"
#include "kernels/tile.cuh"

namespace unmask {

/// Rows and columns of a tile (src/backends/gpu/ops/head/layout.ts).
constexpr unsigned head_tile = 32;

struct HeadTileParameters {
  uint32_t in_features, stride;
  /// Tokens [first, last) are in this shard; its first tile, and the tiles of all shards.
  uint32_t first, last, tile, tiles;
  /// A launch computes wanted rows [first_row, row_limit), so that its parts have a bounded size.
  uint32_t first_row, row_limit;
};

constexpr unsigned logits_width = head_tile + 1;

/// Computes the logits of a tile into shared memory: row r of the tile begins at r * logits_width.
template <class Weights, class RowOf>
__device__ float* tile_logits(const HeadTileParameters& p, const uint32_t* weight, const float* x, const RowOf& row_of) {
  const Sums sums = tile_product<Weights, head_tile, head_tile>(weight, p.stride, blockIdx.y * head_tile, p.last - p.first,
                                                                x, p.in_features, row_of);
  UNMASK_SHARED(float, logits, head_tile * logits_width);
  const unsigned row = threadIdx.x / (head_tile / 4) * 4;
  const unsigned column = threadIdx.x % (head_tile / 4) * 4;
  UNMASK_UNROLL
  for (unsigned i = 0; i < 4; i++)
    UNMASK_UNROLL
    for (unsigned j = 0; j < 4; j++) logits[(row + i) * logits_width + column + j] = sums.values[i][j];
  __syncthreads();
  return logits;
}

}  // namespace unmask
