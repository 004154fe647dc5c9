// The best tokens of a row up to a number or a mass, by a bisection of 32 rounds over order-preserving integers.
#pragma once
#include "kernels/heldLogits.cuh"

namespace unmask {

/// The logits of a row, the highest of them, and the temperature at which masses count.
struct Distribution {
  const float* logits;
  uint32_t vocabulary;
  float highest, heat;
};

/// The tokens that are kept: those with keys above `key`, and the first `ties` of those with that key. `mass` is their mass.
struct Cutoff {
  uint32_t key, ties;
  float mass;

  /// @param tie the number of tokens with this key up to and with this token
  __device__ bool keeps(float logit, uint32_t tie) const {
    const uint32_t own = key_of(logit);
    return logit > lowest && own >= key && (own != key || tie <= ties);
  }
};

struct Above {
  float count, mass;
};

__device__ inline Above above(const Distribution& row, uint32_t key) {
  Above own = {0, 0};
  for (uint32_t token = threadIdx.x; token < row.vocabulary; token += row_threads) {
    const float logit = row.logits[token];
    if (logit <= lowest || key_of(logit) < key) continue;
    own.count += 1;
    own.mass += expf((logit - row.highest) / row.heat);
  }
  return {sum_over_block<row_threads>(own.count), sum_over_block<row_threads>(own.mass)};
}

/// The smallest set of best tokens that has `limit` tokens or at least this mass.
__device__ inline Cutoff cut(const Distribution& row, float limit, float min_mass) {
  uint32_t low = 0;
  uint32_t high = 0xffffffffu;
  // The largest key with enough above it lies in [low, high].
  for (int round = 0; round < 32; round++) {
    const uint32_t middle = low + (high - low) / 2 + ((high - low) & 1u);
    const Above held = above(row, middle);
    if (held.count >= limit || held.mass >= min_mass) low = middle;
    else high = middle - 1;
  }
  const Above strictly = above(row, low + 1);
  const Above all = above(row, low);
  const float equal = all.count - strictly.count;
  if (equal <= 0) return {low, 0, strictly.mass};
  const float each = (all.mass - strictly.mass) / equal;
  const float needed = ceilf((min_mass - strictly.mass) / fmaxf(each, 1.0e-30f));
  const float ties = fmaxf(fminf(fmaxf(fminf(equal, limit - strictly.count), 0.0f), needed), 1.0f);
  return {low, static_cast<uint32_t>(ties), strictly.mass + ties * each};
}

/// A thread's run of consecutive tokens.
struct Run {
  uint32_t first, end;
};
__device__ inline Run run_of(uint32_t vocabulary) {
  const uint32_t length = (vocabulary + row_threads - 1) / row_threads;
  return {min(vocabulary, threadIdx.x * length), min(vocabulary, (threadIdx.x + 1) * length)};
}

/// The number of tokens with this key before the thread's run of tokens.
__device__ inline uint32_t ties_before(const Distribution& row, uint32_t key) {
  UNMASK_SHARED(uint32_t, tie_counts, row_threads);
  const Run run = run_of(row.vocabulary);
  uint32_t own = 0;
  for (uint32_t token = run.first; token < run.end; token++) own += key_of(row.logits[token]) == key;
  tie_counts[threadIdx.x] = own;
  __syncthreads();
  uint32_t before = 0;
  for (unsigned other = 0; other < threadIdx.x; other++) before += tie_counts[other];
  __syncthreads();
  return before;
}

}  // namespace unmask
