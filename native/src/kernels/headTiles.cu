// The head for a tile of wanted rows and a tile of the vocabulary, reduced to a Partial a row. Logits exist in registers and shared
// memory only. Runs once for each shard of the head.
#include "kernels/headTile.cuh"

namespace unmask {
namespace {

/// Excludes tokens, and finds the best two.
__device__ void find_best(Partial& part, float* logits, uint32_t first, uint32_t count, const Request& request,
                          uint32_t position, const uint32_t* forbidden) {
  for (uint32_t n = 0; n < count; n++) {
    float logit = logits[n];
    const uint32_t token = first + n;
    if (is_excluded(forbidden, request, position, token) || is_minus_infinity(logit)) {
      logit = lowest;
    } else if (!is_finite(logit)) {
      part.invalid = 1;
      logit = lowest;
    }
    logits[n] = logit;
    if (logit > part.highest) {
      part.second = part.highest;
      part.highest = logit;
      part.best = token;
    } else if (logit > part.second) {
      part.second = logit;
    }
  }
}

/// Draws a token with Gumbel noise.
__device__ void sample(Partial& part, const float* logits, uint32_t first, uint32_t count, const Request& request,
                       uint32_t position) {
  Words4 drawn;
  uint32_t quad = none;
  for (uint32_t n = 0; n < count; n++) {
    if (logits[n] <= lowest) continue;
    const uint32_t token = first + n;
    if (quad != token / 4) {
      quad = token / 4;
      drawn = draw(request.seed, position, request.sequence_step, token);
    }
    const float score = logits[n] + request.temperature * gumbel(drawn, token);
    if (score > part.score) {
      part.score = score;
      part.token = token;
      part.token_logit = logits[n];
    }
  }
}

__device__ Partial summarize(float* logits, uint32_t first, uint32_t count, const Request& request, uint32_t position,
                             const uint32_t* forbidden) {
  Partial part = {lowest, none, lowest, 0, 0, lowest, none, lowest, 0};
  find_best(part, logits, first, count, request, position, forbidden);
  if (part.best == none) return part;
  for (uint32_t n = 0; n < count; n++) {
    const float below = request.score_factor * (logits[n] - part.highest);
    const float share = expf(below);
    if (first + n != part.best) part.rest += share;
    if (share > 0) part.weighted += share * below;
  }
  if (has(request, request_flag_sampled)) {
    sample(part, logits, first, count, request, position);
  } else {
    part.score = part.highest;
    part.token = part.best;
    part.token_logit = part.highest;
  }
  return part;
}

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
