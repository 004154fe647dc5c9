// Sorts routed rows by expert (a counting sort) and divides each expert's rows into tiles of `tile_rows`, so that experts.cu computes
// experts with rows only. One block; bound by latency. The rows lie behind the list of tiles, expert by expert. The order of an
// expert's rows is open: each row is computed by itself.
#include "kernels/kernel.h"
#include "kernels/step.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

struct Parameters {
  uint32_t experts, tile_rows;
  uint32_t top_k, rows_at;
};

__global__ void __launch_bounds__(threads)
    group_kernel(const uint32_t* step, Parameters p, const uint32_t* topk_ids, uint32_t* groups) {
  UNMASK_DYNAMIC_SHARED(uint32_t, counts);
  uint32_t* const starts = counts + p.experts;
  uint32_t* const tiles = starts + p.experts;
  const uint32_t routed = head_of(step).token_count * p.top_k;
  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads) counts[expert] = 0;
  __syncthreads();
  for (uint32_t row = threadIdx.x; row < routed; row += threads) atomicAdd(&counts[topk_ids[row]], 1u);
  __syncthreads();
  auto& list = *reinterpret_cast<ExpertGroups*>(groups);
  if (threadIdx.x == 0) {
    uint32_t rows = 0;
    uint32_t tile = 0;
    for (uint32_t expert = 0; expert < p.experts; expert++) {
      starts[expert] = rows;
      tiles[expert] = tile;
      rows += counts[expert];
      tile += (counts[expert] + p.tile_rows - 1) / p.tile_rows;
    }
    list.tile_count = tile;
  }
  __syncthreads();
  for (uint32_t expert = threadIdx.x; expert < p.experts; expert += threads) {
    for (uint32_t first = 0; first < counts[expert]; first += p.tile_rows) {
      ExpertTile& tile = reinterpret_cast<ExpertTile*>(&list + 1)[tiles[expert] + first / p.tile_rows];
      tile = {expert, starts[expert] + first, min(p.tile_rows, counts[expert] - first)};
    }
    counts[expert] = 0;
  }
  __syncthreads();
  for (uint32_t row = threadIdx.x; row < routed; row += threads) {
    const uint32_t expert = topk_ids[row];
    groups[p.rows_at + starts[expert] + atomicAdd(&counts[expert], 1u)] = row;
  }
}

}  // namespace

void group(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  launch(group_kernel, call.grid, threads, size_t{12} * p.experts, stream, call.step, p, call.buffer<const uint32_t>(0),
         call.buffer<uint32_t>(1));
}

}  // namespace unmask
