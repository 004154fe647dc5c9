// core/decode/fixed.ts: an equal share of the block in each step, the most confident rows first.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { steps };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    b.use_confidence_as_key();
    b.commit_highest(b.share(b.parameter(steps)));
  }
};

}  // namespace

void fixed(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
