// core/decode/quota.ts. Parameters: steps, threshold (NaN bits: none), order (0 probability, 1 position).
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { steps, threshold, order };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    const uint32_t length = b.request->block_end - b.request->block_start;
    const uint32_t all = b.parameter(steps);
    const uint32_t count = max(1u, length / all + (b.step < length % all ? 1u : 0u));
    if (b.parameter(order) == 1) {
      // Of equal keys the earlier row is the higher.
      b.set_keys([](uint32_t) { return 0u; });
      b.commit_highest(count);
    } else if (b.parameter(threshold) == none) {
      b.use_confidence_as_key();
      b.commit_highest(count);
    } else {
      b.commit_above_or_best(b.parameter_float(threshold), count);
    }
  }
};

}  // namespace

void quota(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
