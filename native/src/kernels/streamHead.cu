// The head on tensor cores, for some wanted rows and a panel of the vocabulary, reduced to a Partial a row. Logits exist in registers and
// shared memory only. Bound by the head's bytes, which the blocks of a panel for other rows find in cache.
#include "kernels/kernel.h"
#include "kernels/stream.cuh"
#include "kernels/summary.cuh"

namespace unmask {
namespace {

struct Parameters {
  /// Eights of rows of a block.
  uint32_t groups;
  uint32_t in_features, stages;
  /// Tokens [first, last) are in this shard; its first panel, and the panels of all shards.
  uint32_t first, last, panel, panels;
  uint32_t first_row, row_limit;
};

/// Rows that are summarized at a time: four threads for each, of which one has the tokens of a warp.
constexpr unsigned rows_at_once = stream_threads / 4;
/// Keeps threads of one token on different banks.
constexpr unsigned warp_width = warp_rows + 1;
constexpr unsigned row_width = 4 * warp_width + 1;
static_assert(4 * rows_at_once * row_width + sizeof(Partial) * stream_threads <= 2 * stage_bytes);

template <unsigned groups>
__global__ void __launch_bounds__(stream_threads, groups > 8 ? 1 : 2)
    stream_head_kernel(const uint32_t* step, Parameters p, const uint4* weight, const WantedRow* rows,
                       const uint32_t* forbidden, const uint16_t* x, Partial* partials) {
  const uint32_t first_in_list = p.first_row + blockIdx.x * 8 * groups;
  const uint32_t end = rows_end(step, p.row_limit);
  if (first_in_list >= end) return;
  const auto row_of = [=](unsigned index) {
    const uint32_t row = first_in_list + index;
    return row < end && rows[row].request != none ? row : none;
  };
  const unsigned used = min((end - first_in_list + 7) / 8, groups);
  UNMASK_DYNAMIC_SHARED(char, ring);
  StreamSums<groups> sums = {};
  stream_stages<XBf16, groups>(sums, ring, weight + size_t{blockIdx.y} * p.stages * stage_cells, {x, p.in_features}, 0,
                               p.stages, used, row_of);
  auto* const logits = reinterpret_cast<float*>(ring);
  auto* const quarters = reinterpret_cast<Partial*>(logits + rows_at_once * row_width);
  const unsigned quarter = threadIdx.x % 4;
  const uint32_t token = p.first + blockIdx.y * panel_rows + quarter * warp_rows;
  UNMASK_UNROLL
  for (unsigned at_once = 0; at_once < groups * 8 / rows_at_once; at_once++) {
    if (at_once * rows_at_once >= used * 8) break;
    UNMASK_UNROLL
    for (unsigned half = 0; half < 2; half++)
      UNMASK_UNROLL
      for (unsigned group = 0; group < rows_at_once / 8; group++)
        UNMASK_UNROLL
        for (unsigned i = 0; i < 4; i++)
          logits[SumPlace::column(group, i) * row_width + threadIdx.x / 32 * warp_width + SumPlace::row(half, i) % 32] =
              sums.values[half][at_once * (rows_at_once / 8) + group][i];
    __syncthreads();
    const uint32_t row = row_of(at_once * rows_at_once + threadIdx.x / 4);
    if (row != none)
      quarters[threadIdx.x] =
          token < p.last ? summarize(logits + threadIdx.x / 4 * row_width + quarter * warp_width, token,
                                     min(warp_rows, p.last - token), request_at(step, rows[row].request),
                                     rows[row].position, forbidden)
                         : empty_partial();
    __syncthreads();
    if (row != none && quarter == 0) {
      const float factor = request_at(step, rows[row].request).score_factor;
      Partial whole = quarters[threadIdx.x];
      for (unsigned other = 1; other < 4; other++) whole = merge_partials(whole, quarters[threadIdx.x + other], factor);
      partials[size_t{row - p.first_row} * p.panels + p.panel + blockIdx.y] = whole;
    }
  }
}

template <unsigned groups>
void start(const Call& call, Stream stream, const Parameters& p) {
  launch(stream_head_kernel<groups>, call.grid, stream_threads, Ring<XBf16, groups>::bytes, stream, call.step, p,
         call.buffer<const uint4>(0), call.buffer<const WantedRow>(1), call.buffer<const uint32_t>(2),
         call.buffer<const uint16_t>(3), call.buffer<Partial>(4));
}

}  // namespace

void streamHead(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  if (p.groups <= 4) start<4>(call, stream, p);
  else start<16>(call, stream, p);
}

}  // namespace unmask
