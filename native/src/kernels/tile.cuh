// The product of a tile of rows with a tile of a weight's rows: 64 threads, each with 4 x 4 sums in registers. Both tiles pass
// through shared memory, transposed. Each sum runs over k in order, so neither tile size nor neighbours change its bits.
#pragma once
#include "generated/layout.h"
#include "kernels/weights.cuh"

namespace unmask {

constexpr unsigned tile_threads = 64;
constexpr unsigned tile_k = 32;
/// Keeps threads of one k on different banks.
constexpr unsigned tile_pad = 4;

struct Sums {
  float values[4][4];
};

/// Four elements of a row of x from column k on: zeros for row `none` and beyond the end of the row.
__device__ inline float4 x_at(const float* x, uint32_t row, uint32_t k, uint32_t columns) {
  float4 value = make_float4(0, 0, 0, 0);
  if (row == none) return value;
  const float* const at = x + size_t{row} * columns + k;
  if (k < columns) value.x = at[0];
  if (k + 1 < columns) value.y = at[1];
  if (k + 2 < columns) value.z = at[2];
  if (k + 3 < columns) value.w = at[3];
  return value;
}

/// @param first the weight row of the tile's first column; rows from `limit` on count as zero
/// @param row_of which row of x a row of the tile is, or `none`
template <class Weights, unsigned m, unsigned n, class RowOf>
__device__ Sums tile_product(const uint32_t* weight, uint32_t stride, uint32_t first, uint32_t limit, const float* x,
                             uint32_t columns, const RowOf& row_of) {
  static_assert(m / 4 * (n / 4) == tile_threads);
  constexpr unsigned x_width = m + tile_pad;
  constexpr unsigned w_width = n + tile_pad;
  UNMASK_SHARED(float, x_tile, tile_k * x_width);
  UNMASK_SHARED(float, w_tile, tile_k * w_width);
  Sums sums = {};
  const unsigned column = threadIdx.x % (n / 4) * 4;
  const unsigned row = threadIdx.x / (n / 4) * 4;
  constexpr unsigned packs = tile_k / 4;
  for (uint32_t k0 = 0; k0 < columns; k0 += tile_k) {
    for (unsigned at = threadIdx.x; at < m * packs; at += tile_threads) {
      const unsigned k = at % packs * 4;
      const float4 value = x_at(x, row_of(at / packs), k0 + k, columns);
      float* const to = x_tile + k * x_width + at / packs;
      to[0] = value.x;
      to[x_width] = value.y;
      to[2 * x_width] = value.z;
      to[3 * x_width] = value.w;
    }
    for (unsigned at = threadIdx.x; at < n * packs; at += tile_threads) {
      const unsigned k = at % packs * 4;
      const uint32_t own = first + at / packs;
      const uint32_t pack = (k0 + k) / 4;
      float4 value = make_float4(0, 0, 0, 0);
      if (own < limit && pack < stride) value = weight_at<Weights>(weight, stride, own, pack);
      float* const to = w_tile + k * w_width + at / packs;
      to[0] = value.x;
      to[w_width] = value.y;
      to[2 * w_width] = value.z;
      to[3 * w_width] = value.w;
    }
    __syncthreads();
    const unsigned depth = columns - k0 < tile_k ? columns - k0 : tile_k;
    for (unsigned k = 0; k < depth; k++) {
      UNMASK_UNROLL
      for (unsigned i = 0; i < 4; i++)
        UNMASK_UNROLL
        for (unsigned j = 0; j < 4; j++)
          sums.values[i][j] += x_tile[k * x_width + row + i] * w_tile[k * w_width + column + j];
    }
    __syncthreads();
  }
  return sums;
}

/// silu(gate) * up, element by element.
__device__ inline Sums gated_sums(const Sums& gate, const Sums& up) {
  Sums both;
  UNMASK_UNROLL
  for (unsigned i = 0; i < 4; i++) {
    UNMASK_UNROLL
    for (unsigned j = 0; j < 4; j++) {
      const float value = gate.values[i][j];
      both.values[i][j] = value / (1.0f + expf(-value)) * up.values[i][j];
    }
  }
  return both;
}

/// Calls `run` with the rows and columns of a tile as types. The host chooses the tile (src/backends/gpu/variants.ts).
template <class Run>
void with_tile(uint32_t m, const Run& run) {
  if (m == 16) run(std::integral_constant<unsigned, 16>(), std::integral_constant<unsigned, 64>());
  else run(std::integral_constant<unsigned, 32>(), std::integral_constant<unsigned, 32>());
}

}  // namespace unmask
