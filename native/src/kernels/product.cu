// y = x * weight^T for all tokens' rows, plus an optional bias and residual. With `gated`, two products with the rows of gate and up,
// combined as silu(gate) * up. A block a tile of y. In f32 throughout; bound by FLOPs outside the tensor cores.
#include "kernels/step.cuh"
#include "kernels/tile.cuh"

namespace unmask {
namespace {

struct Parameters {
  uint32_t tile_m, gated, has_bias, has_residual;
  /// Computes wanted rows from `first_row` on, instead of the pass's tokens.
  uint32_t of_head;
  uint32_t in_features, stride;
  /// Rows of the weight in this shard, and the column of y of the first one.
  uint32_t out_features, column;
  /// Columns of y. With `gated` the shard's up rows follow its gate rows, `out_features` rows later.
  uint32_t width;
  uint32_t first_row, row_limit;
};

template <class Weights, unsigned m, unsigned n>
__global__ void __launch_bounds__(tile_threads)
    product_kernel(const uint32_t* step, Parameters p, const uint32_t* weight, const float* bias, const float* x,
                   const float* residual, float* y) {
  const Step& head = head_of(step);
  const uint32_t rows = p.of_head ? min(head.row_count, p.row_limit) : head.token_count;
  const uint32_t first = p.first_row + blockIdx.x * m;
  if (first >= rows) return;
  const auto row_of = [=](unsigned index) { return first + index < rows ? first + index : none; };
  const uint32_t column = blockIdx.y * n;
  Sums sums = tile_product<Weights, m, n>(weight, p.stride, column, p.out_features, x, p.in_features, row_of);
  if (p.gated) {
    const Sums up = tile_product<Weights, m, n>(weight, p.stride, p.out_features + column, 2 * p.out_features, x,
                                                p.in_features, row_of);
    sums = gated_sums(sums, up);
  }
  UNMASK_UNROLL
  for (unsigned i = 0; i < 4; i++) {
    const uint32_t row = first + threadIdx.x / (n / 4) * 4 + i;
    if (row >= rows) return;
    UNMASK_UNROLL
    for (unsigned j = 0; j < 4; j++) {
      const uint32_t own = column + threadIdx.x % (n / 4) * 4 + j;
      if (own >= p.out_features) break;
      float value = sums.values[i][j];
      const size_t at = size_t{row - p.first_row} * p.width + p.column + own;
      if (p.has_bias) value += bias[p.column + own];
      if (p.has_residual) value += residual[at];
      y[at] = value;
    }
  }
}

}  // namespace

void product(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  with_weights(call.dtype, [&](auto weights) {
    with_tile(p.tile_m, [&](auto m, auto n) {
      launch(product_kernel<decltype(weights), m(), n()>, call.grid, tile_threads, 0, stream, call.step, p,
             call.buffer<const uint32_t>(0), call.buffer<const float>(1), call.buffer<const float>(2),
             call.buffer<const float>(3), call.buffer<float>(4));
    });
  });
}

}  // namespace unmask
