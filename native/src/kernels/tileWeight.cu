// Arranges a matrix of bf16 weights as tiles.cuh has it. A block a stage of a panel, a thread a cell; bound by bytes. Runs once for a
// weight, when it is loaded.
#include "kernels/kernel.h"
#include "kernels/tiles.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

struct Parameters {
  /// Rows of the upper half are the gates, those of the lower half the ups: a warp's first 16 rows are gates, its others their ups.
  uint32_t paired;
  /// Packs of four elements a row.
  uint32_t stride;
  /// Rows of a unit, which begins with a panel: all rows, or those of an expert.
  uint32_t unit_rows, unit_panels;
};

__global__ void __launch_bounds__(threads)
    tile_weight_kernel(Parameters p, const uint2* rows, uint4* tiles) {
  const uint32_t stages = stages_of(p.stride);
  const uint32_t panel = blockIdx.x / stages;
  const uint32_t stage = blockIdx.x % stages;
  const uint32_t in_unit = panel % p.unit_panels;
  const uint32_t unit = panel / p.unit_panels * p.unit_rows;
  const uint32_t half_rows = p.unit_rows / 2;
  for (unsigned at = threadIdx.x; at < stage_cells; at += threads) {
    const Cell cell = Cell::at(at);
    const uint32_t pack = stage * (stage_columns / 4) + cell.column() / 4;
    const auto read = [&](unsigned row_in_half) {
      const uint32_t row = p.paired ? in_unit * (panel_rows / 2) + cell.warp * 16 + row_in_half
                                    : in_unit * panel_rows + cell.warp * warp_rows + cell.half * 16 + row_in_half;
      if (row >= (p.paired ? half_rows : p.unit_rows) || pack >= p.stride) return uint2{0, 0};
      return rows[size_t{unit + row + (p.paired ? cell.half * half_rows : 0)} * p.stride + pack];
    };
    const uint2 upper = read(cell.row());
    const uint2 lower = read(cell.row() + 8);
    tiles[size_t{blockIdx.x} * stage_cells + at] = make_uint4(upper.x, lower.x, upper.y, lower.y);
  }
}

}  // namespace

void tileWeight(const Call& call, Stream stream) {
  launch(tile_weight_kernel, call.grid, threads, 0, stream, call.as<Parameters>(), call.buffer<const uint2>(0),
         call.buffer<uint4>(1));
}

}  // namespace unmask
