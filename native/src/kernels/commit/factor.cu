// core/decode/factor.ts. Parameters: the factor, whether as the published code.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { factor_parameter, reference };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    UNMASK_SHARED(uint32_t, first_failure, 1);
    b.use_confidence_as_key();
    if (threadIdx.x == 0) first_failure[0] = b.open;
    __syncthreads();
    const bool is_published = b.parameter(reference);
    b.each_open([&](uint32_t i) {
      const uint32_t rank = b.rank_of(i);
      const float bound = 1.0f - b.parameter_float(factor_parameter) / static_cast<float>(rank + 2);
      const float sure = b.confidence(i);
      if (rank > 0 && (is_published ? sure < bound : sure <= bound)) atomicMin(&first_failure[0], rank);
    });
    __syncthreads();
    uint32_t count = first_failure[0];
    if (is_published && count + 1 == b.open) count++;
    b.each_open([&](uint32_t i) {
      if (b.rank_of(i) < count) b.decision(i).verdict = verdict_commit;
    });
  }
};

}  // namespace

void factor(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
