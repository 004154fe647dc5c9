// core/decode/random.ts: an equal share of the block in each step, at random.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { steps };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    b.set_keys([&](uint32_t i) { return philox({{b.position(i), b.sequence_step, 0, 1}}, b.request->seed).words[0]; });
    b.commit_highest(b.share(b.parameter(steps)));
  }
};

}  // namespace

void random(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
