// core/decode/edit.ts. Parameters: threshold, editing threshold (NaN bits: never edit), maximum steps on a filled block, which the
// first position of the block counts.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { threshold, edit_threshold, post_steps };

struct Decider : Decoder {
  static __device__ uint32_t& post_steps_of(const Block& b) { return b.memory_at(size_t{b.base} + b.request->block_start).own[0]; }

  static __device__ void decide(const Block& b) {
    // What the position holds before a block's first step is another block's.
    if (threadIdx.x == 0 && b.step == 0) post_steps_of(b) = 0;
    if (b.open > 0) b.commit_above_or_best(b.parameter_float(threshold), 1);
    if (b.parameter(edit_threshold) == none) return;
    b.each([&](uint32_t i) {
      if (!b.in_block(i) || b.is_open(i) || b.statistics(i).token == b.token(i)) return;
      if (b.confidence(i) > b.parameter_float(edit_threshold)) b.decision(i).verdict = verdict_edit;
    });
  }

  static __device__ bool is_done(const Block& b, uint32_t edits) {
    if (b.open == 0) post_steps_of(b)++;
    const bool is_changed = b.open > 0 || edits > 0;
    return b.parameter(edit_threshold) == none || !is_changed || post_steps_of(b) >= b.parameter(post_steps);
  }
};

}  // namespace

void edit(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
