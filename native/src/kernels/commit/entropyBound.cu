// core/decode/entropyBound.ts. Parameters: gamma, whether the largest entropy counts, the order of rows (0 by entropy, 1 by probability), maximum
// steps (NaN bits: any). The sum runs in sorted order, so one thread makes it; the others find the order.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { gamma, inclusive, order, rounds };

struct Decider : Decoder {
  /// How many rows are taken. The verdict of rank r is the row of that rank.
  static __device__ uint32_t taken(const Block& b) {
    const float bound = b.parameter_float(gamma);
    const bool is_last = b.parameter(rounds) != none && b.step + 1 >= b.parameter(rounds);
    // Of the rows that are taken: their largest entropy, and the sum of the others.
    float largest = b.statistics(b.decision(0).verdict).entropy;
    float rest = 0;
    uint32_t count = 1;
    for (; count < b.open; count++) {
      const float own = b.statistics(b.decision(count).verdict).entropy;
      const float others = rest + fminf(own, largest);
      const float larger = fmaxf(own, largest);
      if (!is_last && (b.parameter(inclusive) ? others + larger >= bound : others > bound)) break;
      rest = others;
      largest = larger;
    }
    return count;
  }

  static __device__ void decide(const Block& b) {
    const bool by_probability = b.parameter(order) == 1;
    b.set_keys([&](uint32_t i) { return key_of(by_probability ? b.confidence(i) : -b.statistics(i).entropy); });
    __syncthreads();
    b.each_open([&](uint32_t i) { b.decision(b.rank_of(i)).verdict = i; });
    UNMASK_SHARED(uint32_t, count, 1);
    __syncthreads();
    if (threadIdx.x == 0) count[0] = taken(b);
    __syncthreads();
    b.each([&](uint32_t i) { b.decision(i).verdict = b.is_open(i) && b.rank_of(i) < count[0] ? verdict_commit : verdict_keep; });
  }
};

}  // namespace

void entropyBound(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
