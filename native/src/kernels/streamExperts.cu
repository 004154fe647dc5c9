// Products of routed rows with their experts' weights on tensor cores, with `paired` silu(gate) * up. A block computes a panel of one
// expert for a tile of its rows, as group.cu sorted them, so that bytes grow with the experts that have rows. Bound by the weights' bytes.
#include "kernels/kernel.h"
#include "kernels/rounded.cuh"
#include "kernels/step.cuh"
#include "kernels/sumTile.cuh"

namespace unmask {
namespace {

/// Eights of rows of a tile (src/backends/gpu/ops/tensorCores/experts.ts).
constexpr unsigned groups = 8;

struct Parameters {
  uint32_t paired, x_bf16, y_bf16;
  /// Whether x has a row for each token, with row floor(r / top_k) for routed row r; else it has a row for each routed row.
  uint32_t by_token;
  uint32_t in_features, stages;
  /// Columns of y.
  uint32_t width;
  uint32_t top_k;
  /// Experts [first, last) are in this shard, with as many panels each.
  uint32_t first, last, panels;
  uint32_t rows_at;
};

template <class X>
__global__ void __launch_bounds__(stream_threads, 2)
    stream_experts_kernel(Parameters p, const uint4* weight, const uint32_t* group_words, const typename X::Element* x,
                          void* y) {
  const auto& list = *reinterpret_cast<const ExpertGroups*>(group_words);
  if (blockIdx.y >= list.tile_count) return;
  const ExpertTile tile_of = reinterpret_cast<const ExpertTile*>(&list + 1)[blockIdx.y];
  if (tile_of.expert < p.first || tile_of.expert >= p.last) return;
  UNMASK_SHARED(uint32_t, routed, 8 * groups);
  if (threadIdx.x < 8 * groups)
    routed[threadIdx.x] = threadIdx.x < tile_of.row_count ? group_words[p.rows_at + tile_of.first_row + threadIdx.x] : none;
  __syncthreads();
  const auto row_of = [&](unsigned index) {
    const uint32_t row = routed[index];
    return row == none || !p.by_token ? row : row / p.top_k;
  };
  const size_t panel = size_t{tile_of.expert - p.first} * p.panels + blockIdx.x;
  UNMASK_DYNAMIC_SHARED(char, ring);
  StreamSums<groups> sums = {};
  stream_stages<X, groups>(sums, ring, weight + panel * p.stages * stage_cells, {x, p.in_features}, 0, p.stages,
                           (tile_of.row_count + 7) / 8, row_of);
  const float* const tile = to_tile<X>(sums, ring, (tile_of.row_count + 7) / 8);
  const uint32_t first = blockIdx.x * (p.paired ? panel_rows / 2 : panel_rows);
  each_column(
      tile_of.row_count, p.paired, [=](unsigned row, unsigned own) { return tile[row * tile_width + own]; },
      [&](unsigned row, unsigned column, float value) {
        if (first + column < p.width) put_number(y, size_t{routed[row]} * p.width + first + column, value, p.y_bf16);
      });
}

template <class X>
void start(const Call& call, Stream stream, const Parameters& p) {
  using Element = typename X::Element;
  launch(stream_experts_kernel<X>, call.grid, stream_threads, Ring<X, groups>::bytes, stream, p, call.buffer<const uint4>(0),
         call.buffer<const uint32_t>(1), call.buffer<const Element>(2), call.buffer<void>(3));
}

}  // namespace

void streamExperts(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  if (p.x_bf16) start<XBf16>(call, stream, p);
  else start<XF32>(call, stream, p);
}

}  // namespace unmask
