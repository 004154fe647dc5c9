// The best tokens of the rows that want them, from the logits of a chunk of rows, with the log-sum-exp that normalises their logits.
// Each thread holds the best of its tokens that is not listed yet; a round lists the best of all threads, and that thread searches for
// its next one. A block a row; bound by latency: a thread's part of the vocabulary for each token.
#include "kernels/heldLogits.cuh"
#include "kernels/kernel.h"

namespace unmask {
namespace {

/// Higher logits come first, of equal ones the lower token.
__device__ bool comes_before(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

/// The first of the thread's tokens that comes after another one.
__device__ Candidate next(const float* logits, uint32_t vocabulary, const Candidate& before) {
  Candidate found = {none, lowest};
  for (uint32_t token = threadIdx.x; token < vocabulary; token += row_threads) {
    const Candidate own = {token, logits[token]};
    if (own.logit > lowest && comes_before(before, own) && comes_before(own, found)) found = own;
  }
  return found;
}

/// The first of all threads' candidates.
__device__ Candidate first_of_all(const Candidate& own) {
  UNMASK_SHARED(Candidate, best, row_threads);
  best[threadIdx.x] = own;
  __syncthreads();
  for (unsigned width = row_threads / 2; width > 0; width /= 2) {
    if (threadIdx.x < width && comes_before(best[threadIdx.x + width], best[threadIdx.x]))
      best[threadIdx.x] = best[threadIdx.x + width];
    __syncthreads();
  }
  const Candidate found = best[0];
  __syncthreads();
  return found;
}

__global__ void __launch_bounds__(row_threads)
    top_candidates_kernel(const uint32_t* step, HeldLogitsParameters p, const WantedRow* rows, const uint32_t* forbidden,
                          float* all_logits, uint32_t* candidates) {
  const uint32_t row = p.first_row + blockIdx.x;
  if (row >= rows_end(step, p.row_limit) || rows[row].request == none) return;
  const Request& request = request_at(step, rows[row].request);
  if (!has(request, request_flag_candidates)) return;
  float* const logits = all_logits + size_t{blockIdx.x} * p.vocabulary;
  exclude(logits, p.vocabulary, request, rows[row].position, forbidden);
  Candidate own = next(logits, p.vocabulary, {none, -lowest});
  Candidate best = first_of_all(own);
  float rest = 0;
  for (uint32_t token = threadIdx.x; token < p.vocabulary; token += row_threads)
    if (token != best.token) rest += expf(logits[token] - best.logit);
  const float log_mass = log1pf(sum_over_block<row_threads>(rest));
  auto& list = *reinterpret_cast<CandidateList*>(candidates + size_t{row} * head_of(step).candidate_words);
  if (threadIdx.x == 0) list.log_sum_exp = log_mass;
  for (uint32_t rank = 0; rank < request.candidate_count; rank++) {
    if (threadIdx.x == 0) reinterpret_cast<Candidate*>(&list + 1)[rank] = best;
    if (own.token == best.token) own = next(logits, p.vocabulary, best);
    best = first_of_all(own);
  }
}

}  // namespace

void topCandidates(const Call& call, Stream stream) {
  launch(top_candidates_kernel, call.grid, row_threads, 0, stream, call.step, call.as<HeldLogitsParameters>(),
         call.buffer<const WantedRow>(0), call.buffer<const uint32_t>(1), call.buffer<float>(2), call.buffer<uint32_t>(3));
}

}  // namespace unmask
