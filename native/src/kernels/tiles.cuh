// How a matrix of bf16 weights is arranged for tensor cores. A panel is 128 rows; a stage of a panel is its next 64 columns, as 16 KiB
// without gaps, which one warp after the other reads in order: warp, half, step, lane. A cell is what a lane gives one
// multiplication of 16 rows by 16 columns. Columns are dealt to lanes so that a lane's columns of a stage are 16 consecutive ones: the
// order of k within a stage is free, as long as both factors have the same.
#pragma once
#include "kernels/mma.cuh"

namespace unmask {

constexpr unsigned panel_rows = 128;
constexpr unsigned stage_columns = 64;
/// Multiplications of a stage along k.
constexpr unsigned stage_steps = stage_columns / 16;
constexpr unsigned stage_cells = panel_rows * stage_columns / 8;
constexpr unsigned stage_bytes = 16 * stage_cells;
constexpr unsigned warp_rows = 32;

/// Stages of a row of this many packs of four elements.
__host__ __device__ constexpr uint32_t stages_of(uint32_t stride) { return (stride + 15) / 16; }

/// The place of a cell in a stage.
struct Cell {
  unsigned warp, half, step, lane;

  __device__ static Cell at(unsigned index) {
    return {index / (stage_cells / 4), index / (32 * stage_steps) % 2, index / 32 % stage_steps, index % 32};
  }
  __device__ unsigned index() const { return ((warp * 2 + half) * stage_steps + step) * 32 + lane; }
  /// Of its two rows the first one's place in the 16 rows; the second one is eight rows below.
  __device__ unsigned row() const { return lane / 4; }
  /// The first of its four columns in the stage.
  __device__ unsigned column() const { return lane % 4 * 16 + step * 4; }
};

/// Reads the arrangement as kernels without tensor cores read weights.
struct WeightsBf16Tiles {
  static __device__ float4 at(const uint32_t* weight, uint32_t stride, uint32_t row, uint32_t pack) {
    const unsigned within = pack % 16;
    const Cell cell = {row % panel_rows / warp_rows, row / 16 % 2, within % 4, row % 8 * 4 + within / 4};
    const size_t stage = size_t{row / panel_rows} * stages_of(stride) + pack / 16;
    const uint32_t* const words = weight + 4 * (stage * stage_cells + cell.index()) + row / 8 % 2;
    const uint32_t low = words[0];
    const uint32_t high = words[2];
    return make_float4(__uint_as_float(low << 16), __uint_as_float(low & 0xffff0000u), __uint_as_float(high << 16),
                       __uint_as_float(high & 0xffff0000u));
  }
};

}  // namespace unmask
