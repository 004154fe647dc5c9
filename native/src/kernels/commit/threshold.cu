// core/decode/threshold.ts: every open row whose confidence reaches the threshold, and near-ties of the best one.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { parameter_threshold };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    const float bound = threshold_bound(b.highest_confidence(), b.parameter_float(parameter_threshold));
    b.each_open([&](uint32_t i) {
      if (b.confidence(i) >= bound) b.decision(i).verdict = verdict_commit;
    });
  }
};

}  // namespace

void threshold(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
