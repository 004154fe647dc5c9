// For KL(now || before): the head over a tile of the vocabulary for pairs of hidden states, reduced to a DivergencePart a pair. Runs
// once for each shard of the head.
#include "kernels/headTile.cuh"

namespace unmask {
namespace {

__device__ DivergencePart summarize(float* now, float* before, uint32_t first, uint32_t count, const Request& request,
                                    uint32_t position, const uint32_t* forbidden) {
  DivergencePart part = {lowest, 0, 0, lowest, 0};
  for (uint32_t n = 0; n < count; n++) {
    if (is_excluded(forbidden, request, position, first + n)) now[n] = before[n] = lowest;
    part.highest = fmaxf(part.highest, now[n]);
    part.highest_before = fmaxf(part.highest_before, before[n]);
  }
  for (uint32_t n = 0; n < count; n++) {
    if (now[n] > lowest) {
      const float share = expf(now[n] - part.highest);
      part.mass += share;
      part.moved += share * (now[n] - before[n]);
    }
    if (before[n] > lowest) part.mass_before += expf(before[n] - part.highest_before);
  }
  return part;
}

template <class Weights>
__global__ void __launch_bounds__(tile_threads)
    divergence_tiles_kernel(const uint32_t* step, HeadTileParameters p, const uint32_t* weight, const WantedRow* rows,
                            const uint32_t* forbidden, const float* pairs, DivergencePart* parts) {
  const uint32_t first_pair = p.first_row + blockIdx.x * (head_tile / 2);
  const uint32_t end = rows_end(step, p.row_limit);
  if (first_pair >= end) return;
  // Rows of a tile are pairs: now, and before.
  const auto row_of = [=](unsigned index) {
    const uint32_t row = first_pair + index / 2;
    if (row >= end || rows[row].request == none) return none;
    return has(request_at(step, rows[row].request), request_flag_divergence) ? 2 * row + index % 2 : none;
  };
  float* const logits = tile_logits<Weights>(p, weight, pairs, row_of);
  if (threadIdx.x >= head_tile / 2 || row_of(2 * threadIdx.x) == none) return;
  const uint32_t row = first_pair + threadIdx.x;
  const uint32_t first = p.first + blockIdx.y * head_tile;
  float* const now = logits + 2 * threadIdx.x * logits_width;
  parts[size_t{row - p.first_row} * p.tiles + p.tile + blockIdx.y] =
      summarize(now, now + logits_width, first, min(head_tile, p.last - first), request_at(step, rows[row].request),
                rows[row].position, forbidden);
}

}  // namespace

void divergenceTiles(const Call& call, Stream stream) {
  with_any_weights(call.dtype, [&](auto weights) {
    launch(divergence_tiles_kernel<decltype(weights)>, call.grid, tile_threads, 0, stream, call.step,
           call.as<HeadTileParameters>(), call.buffer<const uint32_t>(0), call.buffer<const WantedRow>(1),
           call.buffer<const uint32_t>(2), call.buffer<const float>(3), call.buffer<DivergencePart>(4));
  });
}

}  // namespace unmask
