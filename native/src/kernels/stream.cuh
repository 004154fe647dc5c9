// The product of a panel of weights with some rows of x on tensor cores: weights stream through shared memory in stages that are
// copied ahead. Rows of the weight are the rows of the tensor cores' tiles, rows of x their columns, in eights, so that nine rows cost
// sixteen. Each sum runs over k in order, so the bits of a row do not depend on the rows beside it.
#pragma once
#include "generated/layout.h"
#include "kernels/tiles.cuh"

namespace unmask {

constexpr unsigned stream_threads = 128;
/// Dynamic shared memory of a block, so that two fit a multiprocessor of compute capability 9.0, and one each other.
constexpr unsigned stream_shared_bytes = 96 * 1024;

/// Rows of x in bf16.
struct XBf16 {
  using Element = uint16_t;
  static constexpr unsigned row_bytes = 2 * stage_columns;
  /// 16-byte units of a lane's 16 columns, and all steps' words of them.
  static constexpr unsigned units = 2;
  __device__ static void words(const uint4 (&u)[units], uint32_t (&w)[8]) {
    w[0] = u[0].x, w[1] = u[0].y, w[2] = u[0].z, w[3] = u[0].w;
    w[4] = u[1].x, w[5] = u[1].y, w[6] = u[1].z, w[7] = u[1].w;
  }
};

/// Rows of x in f32, which are rounded on the way.
struct XF32 {
  using Element = float;
  static constexpr unsigned row_bytes = 4 * stage_columns;
  static constexpr unsigned units = 4;
  __device__ static void words(const uint4 (&u)[units], uint32_t (&w)[8]) {
    UNMASK_UNROLL
    for (unsigned i = 0; i < 4; i++) {
      w[2 * i] = pack_bf16(__uint_as_float(u[i].x), __uint_as_float(u[i].y));
      w[2 * i + 1] = pack_bf16(__uint_as_float(u[i].z), __uint_as_float(u[i].w));
    }
  }
};

/// @param groups eights of rows of x
template <class X, unsigned groups>
struct Ring {
  static constexpr unsigned x_bytes = 8 * groups * X::row_bytes;
  static constexpr unsigned slot_bytes = stage_bytes + x_bytes;
  static constexpr unsigned fitting = stream_shared_bytes / slot_bytes;
  static constexpr unsigned slots = fitting < 5 ? fitting : 5;
  static constexpr unsigned bytes = slots * slot_bytes;
  static_assert(slots >= 2);
};

template <unsigned groups>
struct StreamSums {
  /// By half of the warp's 32 rows, eight of rows of x, and place in the tensor cores' tile.
  float values[2][groups][4];
};

/// Where a thread's sum lies in the product: the row in the panel, and the row of x.
struct SumPlace {
  __device__ static unsigned row(unsigned half, unsigned i) {
    return threadIdx.x / 32 * warp_rows + half * 16 + i / 2 * 8 + threadIdx.x % 32 / 4;
  }
  __device__ static unsigned column(unsigned group, unsigned i) { return group * 8 + threadIdx.x % 4 * 2 + i % 2; }
};

template <class X>
struct XRows {
  const typename X::Element* x;
  uint32_t columns;
};

/// Copies a stage of weights and rows of x into a slot of the ring. Rows `none`, and columns beyond the last, are zeros.
template <class X, unsigned groups, class RowOf>
__device__ void copy_stage(char* slot, const uint4* cells, const XRows<X>& x, uint32_t stage, unsigned used,
                           const RowOf& row_of) {
  constexpr unsigned row_units = X::row_bytes / 16;
  constexpr unsigned unit_elements = stage_columns / row_units;
  for (unsigned at = threadIdx.x; at < stage_cells; at += stream_threads) copy_16(slot + 16 * at, cells + at, true);
  char* const to = slot + stage_bytes;
  for (unsigned at = threadIdx.x; at < 8 * used * row_units; at += stream_threads) {
    const unsigned index = at / row_units;
    const unsigned unit = at % row_units;
    const uint32_t row = row_of(index);
    const uint32_t column = stage * stage_columns + unit * unit_elements;
    const bool is_valid = row != none && column < x.columns;
    const auto* const from = is_valid ? x.x + size_t{row} * x.columns + column : x.x;
    // Lanes that read units of eight rows at once find them on different banks.
    copy_16(to + index * X::row_bytes + 16 * (unit ^ (index % 8)), from, is_valid);
  }
}

/// Adds the product of a stage in a slot of the ring.
template <class X, unsigned groups>
__device__ void multiply_stage(StreamSums<groups>& sums, const char* slot, unsigned used) {
  const unsigned warp = threadIdx.x / 32;
  const unsigned lane = threadIdx.x % 32;
  const auto* const cells = reinterpret_cast<const uint4*>(slot);
  uint4 a[2][stage_steps];
  UNMASK_UNROLL
  for (unsigned half = 0; half < 2; half++)
    UNMASK_UNROLL
    for (unsigned step = 0; step < stage_steps; step++) a[half][step] = cells[Cell{warp, half, step, lane}.index()];
  const unsigned row = lane / 4;
  const unsigned first_unit = lane % 4 * X::units;
  UNMASK_UNROLL
  for (unsigned group = 0; group < groups; group++) {
    if (group >= used) break;
    const auto* const own = reinterpret_cast<const uint4*>(slot + stage_bytes + (group * 8 + row) * X::row_bytes);
    uint4 units[X::units];
    UNMASK_UNROLL
    for (unsigned i = 0; i < X::units; i++) units[i] = own[(first_unit + i) ^ row];
    uint32_t b[8];
    X::words(units, b);
    UNMASK_UNROLL
    for (unsigned step = 0; step < stage_steps; step++)
      UNMASK_UNROLL
      for (unsigned half = 0; half < 2; half++)
        multiply<Half::bf16>(sums.values[half][group], a[half][step], b[2 * step], b[2 * step + 1]);
  }
}

/// Adds the product of stages [first, end) of a panel. Ends with a barrier: the ring is free.
/// @param used eights of rows of x that hold any
template <class X, unsigned groups, class RowOf>
__device__ void stream_stages(StreamSums<groups>& sums, char* ring, const uint4* panel, const XRows<X>& x, uint32_t first,
                              uint32_t end, unsigned used, const RowOf& row_of) {
  using R = Ring<X, groups>;
  const auto copy = [&](uint32_t stage) {
    if (stage < end)
      copy_stage<X, groups>(ring + (stage - first) % R::slots * R::slot_bytes, panel + size_t{stage} * stage_cells, x,
                            stage, used, row_of);
    // Also without a copy, so that the number of groups tells which stage has come.
    close_copies();
  };
  for (unsigned ahead = 0; ahead + 1 < R::slots; ahead++) copy(first + ahead);
  for (uint32_t stage = first; stage < end; stage++) {
    wait_for_copies<R::slots - 2>();
    __syncthreads();
    copy(stage + R::slots - 1);
    multiply_stage<X, groups>(sums, ring + (stage - first) % R::slots * R::slot_bytes, used);
  }
  __syncthreads();
}

/// silu(gate) * up.
__device__ inline float gated_value(float gate, float up) { return gate / (1.0f + expf(-gate)) * up; }

}  // namespace unmask
