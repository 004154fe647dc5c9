// core/decode/dreamSchedule.ts. Parameters: the share of the open rows that this step commits (NaN bits: all), what makes a row sure
// (0 probability, 1 margin, 2 entropy), the temperature of the order.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { share, order, alg_temperature };

struct Decider : Decoder {
  static __device__ float score_of(const Block& b, uint32_t i) {
    if (b.parameter(order) == 1) return b.statistics(i).best_probability - b.statistics(i).second_probability;
    return b.parameter(order) == 2 ? -b.statistics(i).entropy : b.confidence(i);
  }

  static __device__ void decide(const Block& b) {
    const float heat = b.parameter_float(alg_temperature);
    b.set_keys([&](uint32_t i) {
      float score = score_of(b, i);
      if (heat > 0) {
        const Words4 drawn = philox({{b.position(i), b.sequence_step, 0, 1}}, b.request->seed);
        score += heat * gumbel(drawn, 0);
      }
      return key_of(score);
    });
    uint32_t count = b.open;
    if (b.parameter(share) != none) {
      const float wanted = floorf(static_cast<float>(b.open) * b.parameter_float(share));
      count = min(b.open, static_cast<uint32_t>(fmaxf(wanted, 0.0f)));
    }
    b.commit_highest(count);
  }
};

}  // namespace

void dreamSchedule(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
