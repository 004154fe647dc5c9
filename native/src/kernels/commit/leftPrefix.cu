// core/decode/leftPrefix.ts: the first open row, and those after it up to the first confidence below the threshold.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { threshold };

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    UNMASK_SHARED(uint32_t, rows, 2);
    uint32_t& first_open = rows[0];
    uint32_t& first_below = rows[1];
    if (threadIdx.x == 0) first_open = first_below = b.count;
    __syncthreads();
    b.each_open([&](uint32_t i) { atomicMin(&first_open, i); });
    __syncthreads();
    b.each_open([&](uint32_t i) {
      if (i > first_open && b.confidence(i) < b.parameter_float(threshold)) atomicMin(&first_below, i);
    });
    __syncthreads();
    b.each_open([&](uint32_t i) {
      if (i < first_below) b.decision(i).verdict = verdict_commit;
    });
  }
};

}  // namespace

void leftPrefix(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
