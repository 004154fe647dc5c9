// Products of routed rows with their experts' weights, with `gated` silu(gate) * up. A block computes a tile of the rows of one
// expert, as group.cu sorted them, so that work and bytes grow with the routed rows. In f32 throughout.
#include "kernels/step.cuh"
#include "kernels/tile.cuh"

namespace unmask {
namespace {

struct Parameters {
  uint32_t tile_m, gated;
  /// Whether x has a row for each token, with row floor(r / top_k) for routed row r; else it has a row for each routed row.
  uint32_t by_token;
  uint32_t in_features, stride;
  /// Columns of y; an expert has as many weight rows, or twice as many with `gated`.
  uint32_t width;
  uint32_t top_k;
  /// Experts [first, last) are in this shard.
  uint32_t first, last;
  uint32_t rows_at;
};

template <class Weights, unsigned m, unsigned n>
__global__ void __launch_bounds__(tile_threads)
    experts_kernel(Parameters p, const uint32_t* weight, const uint32_t* groups, const float* x, float* y) {
  const auto& list = *reinterpret_cast<const ExpertGroups*>(groups);
  if (blockIdx.y >= list.tile_count) return;
  const ExpertTile& tile = reinterpret_cast<const ExpertTile*>(&list + 1)[blockIdx.y];
  if (tile.expert < p.first || tile.expert >= p.last) return;
  const uint32_t* const routed = groups + p.rows_at + tile.first_row;
  const auto row_of = [&](unsigned index) {
    if (index >= tile.row_count) return none;
    return p.by_token ? routed[index] / p.top_k : routed[index];
  };
  const uint32_t column = blockIdx.x * n;
  const uint32_t rows = p.gated ? 2 * p.width : p.width;
  const uint32_t base = (tile.expert - p.first) * rows;
  Sums sums =
      tile_product<Weights, m, n>(weight, p.stride, base + column, base + p.width, x, p.in_features, row_of);
  if (p.gated) {
    const Sums up = tile_product<Weights, m, n>(weight, p.stride, base + p.width + column, base + rows, x,
                                                p.in_features, row_of);
    sums = gated_sums(sums, up);
  }
  UNMASK_UNROLL
  for (unsigned i = 0; i < 4; i++) {
    const uint32_t index = threadIdx.x / (n / 4) * 4 + i;
    if (index >= tile.row_count) return;
    UNMASK_UNROLL
    for (unsigned j = 0; j < 4; j++) {
      const uint32_t own = column + threadIdx.x % (n / 4) * 4 + j;
      if (own < p.width) y[size_t{routed[index]} * p.width + own] = sums.values[i][j];
    }
  }
}

}  // namespace

void experts(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  with_weights(call.dtype, [&](auto weights) {
    with_tile(p.tile_m, [&](auto m, auto n) {
      launch(experts_kernel<decltype(weights), m(), n()>, call.grid, tile_threads, 0, stream, p,
             call.buffer<const uint32_t>(0), call.buffer<const uint32_t>(1), call.buffer<const float>(2),
             call.buffer<float>(3));
    });
  });
}

}  // namespace unmask
