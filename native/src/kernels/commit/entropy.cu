// core/decode/entropy.ts: an equal share of the block in each step, the lowest entropy first.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { steps };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    b.set_keys([&](uint32_t i) { return key_of(-b.statistics(i).entropy); });
    b.commit_highest(b.share(b.parameter(steps)));
  }
};

}  // namespace

void entropy(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
