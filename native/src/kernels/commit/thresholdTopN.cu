// core/decode/thresholdTopN.ts: every open row above the threshold, or the best few.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { threshold, minimum };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    b.commit_above_or_best(b.parameter_float(threshold), b.parameter(minimum));
  }
};

}  // namespace

void thresholdTopN(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
