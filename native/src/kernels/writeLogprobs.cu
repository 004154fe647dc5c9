// Where the device decides: writes the log-probability of each token that the step wrote, and the best tokens beside it with theirs.
// Each request has a part of `logprobs`, with a list for each step and each position of its block; the lists of positions that the
// step left alone keep what was there. A block a request; bound by latency.
#include "kernels/kernel.h"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 64;

struct Parameters {
  uint32_t scratch_at;
};

__global__ void __launch_bounds__(threads)
    write_logprobs_kernel(const uint32_t* step, Parameters p, const WantedRow* rows, const uint32_t* memory,
                          const Statistics* statistics, const uint32_t* candidates, uint32_t* logprobs) {
  if (blockIdx.x >= head_of(step).request_count) return;
  const Request& request = request_at(step, blockIdx.x);
  if (!has(request, request_flag_candidates)) return;
  const auto* const decisions = reinterpret_cast<const Decision*>(memory + p.scratch_at);
  const uint32_t list_words = (sizeof(LogprobList) + sizeof(LogprobEntry) * request.candidate_count) / 4;
  for (uint32_t i = threadIdx.x; i < request.max_rows; i += threads) {
    const uint32_t row = request.first_row + i;
    if (rows[row].request == none || decisions[row].verdict == verdict_keep) continue;
    const auto& source = *reinterpret_cast<const CandidateList*>(candidates + size_t{row} * head_of(step).candidate_words);
    uint32_t* const to = logprobs + request.logprobs_at + (rows[row].position - request.block_start) * list_words;
    auto& list = *reinterpret_cast<LogprobList*>(to);
    const float best_logit = statistics[row].best_logit;
    list.logprob = decisions[row].token_logit - best_logit - source.log_sum_exp;
    for (uint32_t rank = 0; rank < request.candidate_count; rank++) {
      const Candidate& candidate = reinterpret_cast<const Candidate*>(&source + 1)[rank];
      reinterpret_cast<LogprobEntry*>(&list + 1)[rank] = {candidate.token,
                                                          candidate.logit - best_logit - source.log_sum_exp};
    }
  }
}

}  // namespace

void writeLogprobs(const Call& call, Stream stream) {
  launch(write_logprobs_kernel, call.grid, threads, 0, stream, call.step, call.as<Parameters>(),
         call.buffer<const WantedRow>(0), call.buffer<const uint32_t>(1), call.buffer<const Statistics>(2),
         call.buffer<const uint32_t>(3), call.buffer<uint32_t>(4));
}

}  // namespace unmask
