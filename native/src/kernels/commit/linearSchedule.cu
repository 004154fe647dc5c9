// core/decode/linearSchedule.ts. Parameters: the step's quota, what makes a row sure (0 probability, 1 entropy).
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { count, order };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    const bool by_entropy = b.parameter(order) == 1;
    b.set_keys([&](uint32_t i) { return key_of(by_entropy ? -b.statistics(i).entropy : b.confidence(i)); });
    b.commit_highest(b.parameter(count));
  }
};

}  // namespace

void linearSchedule(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
