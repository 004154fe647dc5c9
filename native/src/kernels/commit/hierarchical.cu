// core/decode/hierarchical.ts. Parameters: the high threshold (NaN bits: none), the low one. A run of open positions is a run of listed ones
// whose positions follow each other.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { threshold, low };

struct Decider : Decoder {
  /// Whether the row is the most confident of its run.
  static __device__ bool is_peak(const Block& b, uint32_t i) {
    const float own = b.confidence(i);
    for (uint32_t j = i; j > 0 && b.is_open(j - 1) && b.position(j - 1) + 1 == b.position(j); j--)
      if (b.confidence(j - 1) > own) return false;
    for (uint32_t j = i; j + 1 < b.count && b.is_open(j + 1) && b.position(j) + 1 == b.position(j + 1); j++)
      if (b.confidence(j + 1) > own) return false;
    return true;
  }

  static __device__ void decide(const Block& b) {
    const bool has_high = b.parameter(threshold) != none;
    b.use_confidence_as_key();
    __syncthreads();
    b.each_open([&](uint32_t i) {
      const float own = b.confidence(i);
      const bool is_high = has_high && own > b.parameter_float(threshold);
      if (is_high || (own > b.parameter_float(low) && is_peak(b, i)) || b.rank_of(i) == 0)
        b.decision(i).verdict = verdict_commit;
    });
  }
};

}  // namespace

void hierarchical(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
