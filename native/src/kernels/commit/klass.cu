// core/decode/klass.ts. Parameters: steps, history length, threshold, KL threshold. A position counts the steps in a row that stayed below
// the KL threshold.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { steps, history_length, threshold, kl_threshold };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    float ready = 0;
    b.each_open([&](uint32_t i) {
      uint32_t& stable = b.memory(i).own[0];
      const uint32_t before = b.step == 0 ? 0 : stable;
      const float moved = b.statistics(i).divergence;
      const bool rests = __float_as_uint(moved) != infinity_bits && moved < b.parameter_float(kl_threshold);
      stable = rests ? before + 1 : 0;
      if (stable < b.parameter(history_length) || !(b.confidence(i) > b.parameter_float(threshold))) return;
      b.decision(i).verdict = verdict_commit;
      ready += 1;
    });
    if (sum_over_block<threads>(ready) > 0) return;
    b.use_confidence_as_key();
    b.commit_highest(b.share(b.parameter(steps)));
  }
};

}  // namespace

void klass(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
