// The head for a tile of wanted rows and a tile of the vocabulary, reduced to a Partial a row. Logits exist in registers and shared
// memory only. Runs once for each shard of the head.
#include "kernels/headTile.cuh"
#include "kernels/summary.cuh"

namespace unmask {
namespace {

template <class Weights>
__global__ void __launch_bounds__(tile_threads)
    head_tiles_kernel(const uint32_t* step, HeadTileParameters p, const uint32_t* weight, const WantedRow* rows,
                      const uint32_t* forbidden, const float* x, Partial* partials) {
  const uint32_t first_in_list = p.first_row + blockIdx.x * head_tile;
  const uint32_t end = rows_end(step, p.row_limit);
  if (first_in_list >= end) return;
  const auto row_of = [=](unsigned index) {
    const uint32_t row = first_in_list + index;
    return row < end && rows[row].request != none ? row : none;
  };
  float* const logits = tile_logits<Weights>(p, weight, x, row_of);
  if (threadIdx.x >= head_tile) return;
  const uint32_t row = row_of(threadIdx.x);
  if (row == none) return;
  const uint32_t first = p.first + blockIdx.y * head_tile;
  partials[size_t{row - p.first_row} * p.tiles + p.tile + blockIdx.y] =
      summarize(logits + threadIdx.x * logits_width, first, min(head_tile, p.last - first),
                request_at(step, rows[row].request), rows[row].position, forbidden);
}

}  // namespace

void headTiles(const Call& call, Stream stream) {
  with_weights(call.dtype, [&](auto weights) {
    launch(head_tiles_kernel<decltype(weights)>, call.grid, tile_threads, 0, stream, call.step,
           call.as<HeadTileParameters>(), call.buffer<const uint32_t>(0), call.buffer<const WantedRow>(1),
           call.buffer<const uint32_t>(2), call.buffer<const float>(3), call.buffer<Partial>(4));
  });
}

}  // namespace unmask
