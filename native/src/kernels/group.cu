// Sorts routed rows by expert (a stable counting sort) and divides each expert's rows into tiles of `tile_rows`, so that experts with rows
// only are computed. One block; bound by latency. The rows lie behind the list of tiles, expert by expert, in order.
#include "kernels/kernel.h"
#include "kernels/reduce.cuh"
#include "kernels/step.cuh"

namespace unmask {
namespace {

constexpr unsigned warps = 8;
constexpr unsigned threads = 32 * warps;

struct Parameters {
  uint32_t experts, tile_rows;
  uint32_t top_k, rows_at;

  __device__ uint32_t tiles_of(uint32_t rows) const { return (rows + tile_rows - 1) / tile_rows; }
};

/// The sum of the values of the lanes before this one, and this one's.
__device__ uint32_t sum_up_to(uint32_t value) {
  const unsigned lane = threadIdx.x % 32;
  for (unsigned distance = 1; distance < 32; distance *= 2) {
    const uint32_t other = __shfl_sync(all_lanes, value, lane < distance ? lane : lane - distance);
    if (lane >= distance) value += other;
  }
  return value;
}

/// One warp: where each expert's rows and tiles begin. @returns the number of tiles, in the last lane
__device__ uint32_t place_experts(const Parameters& p, const uint32_t* totals, uint32_t* starts, uint32_t* tiles) {
  const uint32_t run = (p.experts + 31) / 32;
  const uint32_t first = min(p.experts, threadIdx.x * run);
  const uint32_t end = min(p.experts, first + run);
  uint32_t rows = 0;
  uint32_t tile = 0;
  for (uint32_t expert = first; expert < end; expert++) {
    rows += totals[expert];
    tile += p.tiles_of(totals[expert]);
  }
  uint32_t start = sum_up_to(rows) - rows;
  uint32_t first_tile = sum_up_to(tile) - tile;
  for (uint32_t expert = first; expert < end; expert++) {
    starts[expert] = start;
    tiles[expert] = first_tile;
    start += totals[expert];
    first_tile += p.tiles_of(totals[expert]);
  }
  return first_tile;
}

__global__ void __launch_bounds__(threads)
    group_kernel(const uint32_t* step, Parameters p, const uint32_t* topk_ids, uint32_t* groups) {
  UNMASK_DYNAMIC_SHARED(uint32_t, totals);
  uint32_t* const starts = totals + p.experts;
  uint32_t* const tiles = starts + p.experts;
  /// By warp and expert: rows, then rows of the warps before and of this one so far.
  uint32_t* const counts = tiles + p.experts;
  const uint32_t warp = threadIdx.x / 32;
  const uint32_t lane = threadIdx.x % 32;
  uint32_t* const own = counts + warp * p.experts;
  const uint32_t routed = head_of(step).token_count * p.top_k;
  const uint32_t run = (routed + threads - 1) / threads * 32;
  const uint32_t first = min(routed, warp * run);
  const uint32_t end = min(routed, first + run);
  for (uint32_t at = threadIdx.x; at < warps * p.experts; at += threads) counts[at] = 0;
  __syncthreads();
  for (uint32_t row = first + lane; row < end; row += 32) atomicAdd(&own[topk_ids[row]], 1u);
  __syncthreads();
  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads) {
    uint32_t total = 0;
    for (unsigned each = 0; each < warps; each++) {
      const uint32_t count = counts[each * p.experts + expert];
      counts[each * p.experts + expert] = total;
      total += count;
    }
    totals[expert] = total;
  }
  __syncthreads();
  auto& list = *reinterpret_cast<ExpertGroups*>(groups);
  if (warp == 0) {
    const uint32_t count = place_experts(p, totals, starts, tiles);
    if (lane == 31) list.tile_count = count;
  }
  __syncthreads();
  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads) {
    for (uint32_t at = 0; at < totals[expert]; at += p.tile_rows) {
      ExpertTile& tile = reinterpret_cast<ExpertTile*>(&list + 1)[tiles[expert] + at / p.tile_rows];
      tile = {expert, starts[expert] + at, min(p.tile_rows, totals[expert] - at)};
    }
  }
  for (uint32_t row0 = first; row0 < end; row0 += 32) {
    const bool is_row = row0 + lane < end;
    const uint32_t expert = is_row ? topk_ids[row0 + lane] : p.experts;
    const unsigned same = __match_any_sync(all_lanes, expert);
    const unsigned before = __popc(same & ((1u << lane) - 1));
    if (is_row) groups[p.rows_at + starts[expert] + own[expert] + before] = row0 + lane;
    __syncwarp();
    if (is_row && before == 0) own[expert] += __popc(same);
    __syncwarp();
  }
}

}  // namespace

void group(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  launch(group_kernel, call.grid, threads, size_t{4} * (3 + warps) * p.experts, stream, call.step, p,
         call.buffer<const uint32_t>(0), call.buffer<uint32_t>(1));
}

}  // namespace unmask
