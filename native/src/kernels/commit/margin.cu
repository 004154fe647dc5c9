// core/decode/margin.ts: an equal share of the block in each step, the largest margins first.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { steps };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    b.set_keys([&](uint32_t i) { return key_of(b.statistics(i).best_probability - b.statistics(i).second_probability); });
    b.commit_highest(b.share(b.parameter(steps)));
  }
};

}  // namespace

void margin(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
