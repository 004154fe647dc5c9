// y = x * weight^T for all tokens' rows on tensor cores, plus an optional bias and residual; with `paired` silu(gate) * up. A block
// computes a panel of the weight, or a part of its k (a split), for up to 128 rows. The splits' sums are added in order, by the block of
// a panel that ends last; with `serial`, for many rows, one block computes all splits one after the other. Bound by the weight's bytes.
#include "kernels/kernel.h"
#include "kernels/rounded.cuh"
#include "kernels/step.cuh"
#include "kernels/sumTile.cuh"

namespace unmask {
namespace {

struct Parameters {
  /// Eights of rows of a block.
  uint32_t groups;
  uint32_t serial;
  uint32_t paired, x_bf16, y_bf16, has_bias, has_residual, of_head;
  uint32_t in_features, stages, splits;
  /// Columns of y that this shard of the weight gives, and the first of them.
  uint32_t out_features, column;
  uint32_t width;
  uint32_t first_row, row_limit;
};

struct Tensors {
  const float* bias;
  const void* x;
  const float* residual;
  void* y;
  float* split_sums;
  uint32_t* arrivals;
};

__device__ uint32_t split_begin(const Parameters& p, uint32_t split) { return split * p.stages / p.splits; }

/// Stores the block's sums for the last block of the panel, which adds the splits. @returns whether this block is that one
__device__ bool hand_over(const Parameters& p, const Tensors& t, const float* tile, float* parts, unsigned rows) {
  for (unsigned row = 0; row < rows; row++) parts[row * panel_rows + threadIdx.x] = tile[row * tile_width + threadIdx.x];
  fence();
  __syncthreads();
  UNMASK_SHARED(uint32_t, before, 1);
  if (threadIdx.x == 0) before[0] = atomicAdd(t.arrivals + blockIdx.x, 1u);
  __syncthreads();
  if (before[0] + 1 < p.splits) return false;
  fence();
  if (threadIdx.x == 0) t.arrivals[blockIdx.x] = 0;
  return true;
}

/// @param first the first row of x of the block
template <class SumAt>
__device__ void store_all(const Parameters& p, const Tensors& t, uint32_t first, unsigned rows, const SumAt& sum_at) {
  const uint32_t panel = blockIdx.x * (p.paired ? panel_rows / 2 : panel_rows);
  each_column(rows, p.paired, sum_at, [&](unsigned row, unsigned column, float value) {
    const uint32_t own = panel + column;
    if (own >= p.out_features) return;
    const size_t at = size_t{first - p.first_row + row} * p.width + p.column + own;
    if (p.has_bias) value += t.bias[p.column + own];
    if (p.has_residual) value += t.residual[at];
    put_number(t.y, at, value, p.y_bf16);
  });
}

template <class X, unsigned groups, bool serial>
__global__ void __launch_bounds__(stream_threads, groups > 8 || serial ? 1 : 2)
    stream_product_kernel(const uint32_t* step, Parameters p, const uint4* weight, Tensors t) {
  const Step& head = head_of(step);
  const uint32_t rows = p.of_head ? min(head.row_count, p.row_limit) : head.token_count;
  const uint32_t first = p.first_row + (serial ? blockIdx.y * 8 * groups : 0);
  if (first >= rows) return;
  const uint32_t count = min(rows - first, 8 * groups);
  const unsigned used = (count + 7) / 8;
  const auto row_of = [=](unsigned index) { return index < count ? first + index : none; };
  const XRows<X> x = {static_cast<const typename X::Element*>(t.x), p.in_features};
  const uint4* const weights = weight + size_t{blockIdx.x} * p.stages * stage_cells;
  UNMASK_DYNAMIC_SHARED(char, ring);
  StreamSums<groups> sums = {};
  const auto stream = [&](uint32_t split) {
    stream_stages<X, groups>(sums, ring, weights, x, split_begin(p, split), split_begin(p, split + 1), used, row_of);
  };
  stream(serial ? 0 : blockIdx.y);
  if constexpr (serial) {
    for (uint32_t split = 1; split < p.splits; split++) {
      const StreamSums<groups> before = sums;
      sums = {};
      stream(split);
      UNMASK_UNROLL
      for (unsigned half = 0; half < 2; half++)
        UNMASK_UNROLL
        for (unsigned group = 0; group < groups; group++)
          UNMASK_UNROLL
          for (unsigned i = 0; i < 4; i++) sums.values[half][group][i] += before.values[half][group][i];
    }
  }
  const float* const tile = to_tile<X>(sums, ring, used);
  if (serial || p.splits == 1) {
    store_all(p, t, first, count, [=](unsigned row, unsigned own) { return tile[row * tile_width + own]; });
    return;
  }
  constexpr size_t part_size = size_t{8} * groups * panel_rows;
  float* const parts = t.split_sums + blockIdx.x * p.splits * part_size;
  if (!hand_over(p, t, tile, parts + blockIdx.y * part_size, count)) return;
  store_all(p, t, first, count, [&](unsigned row, unsigned own) {
    const float* const part = parts + row * panel_rows + own;
    float sum = part[0];
    for (uint32_t split = 1; split < p.splits; split++) sum += part[split * part_size];
    return sum;
  });
}

template <class X, unsigned groups, bool serial>
void start(const Call& call, Stream stream, const Parameters& p) {
  const Tensors tensors = {call.buffer<const float>(1), call.buffer<const void>(2), call.buffer<const float>(3),
                           call.buffer<void>(4),        call.buffer<float>(5),      call.buffer<uint32_t>(6)};
  launch(stream_product_kernel<X, groups, serial>, call.grid, stream_threads, Ring<X, groups>::bytes, stream, call.step, p,
         call.buffer<const uint4>(0), tensors);
}

template <class X>
void start_form(const Call& call, Stream stream, const Parameters& p) {
  if (p.serial) start<X, 8, true>(call, stream, p);
  else if (p.groups <= 2) start<X, 2, false>(call, stream, p);
  else if (p.groups <= 4) start<X, 4, false>(call, stream, p);
  else if (p.groups <= 8) start<X, 8, false>(call, stream, p);
  else start<X, 16, false>(call, stream, p);
}

}  // namespace

void streamProduct(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  if (p.x_bf16) start_form<XBf16>(call, stream, p);
  else start_form<XF32>(call, stream, p);
}

}  // namespace unmask
