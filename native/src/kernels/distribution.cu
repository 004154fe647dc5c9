// Filtered sampling and soft mixtures, from the logits of a chunk of rows. Chooses among the tokens that topK, topP and minP keep, with
// scores of their distribution if the request wants these; then replaces the logits by the weights of a soft mixture. A block a row;
// bound by the bytes of the logits, read 34 times from cache.
#include "kernels/cutoff.cuh"
#include "kernels/kernel.h"

namespace unmask {
namespace {

constexpr float no_limit = 3.0e38f;

/// A number of tokens, of which 0 means all.
__device__ float limit_of(uint32_t count, uint32_t vocabulary) {
  return static_cast<float>(count > 0 && count < vocabulary ? count : vocabulary);
}

struct Choice {
  float score;
  uint32_t token;
};

/// The first of all threads' choices with the highest score, in every thread.
__device__ Choice best_choice(const Choice& own) {
  UNMASK_SHARED(Choice, choices, row_threads);
  choices[threadIdx.x] = own;
  __syncthreads();
  Choice best = choices[0];
  for (unsigned other = 1; other < row_threads; other++)
    if (choices[other].score > best.score) best = choices[other];
  __syncthreads();
  return best;
}

__device__ void choose(Distribution row, const Request& request, uint32_t position, Statistics& statistics) {
  row.heat = request.temperature > 0 ? request.temperature : 1;
  const float factor = request.score_factor;
  const float everything = above(row, 0).mass;
  const Cutoff cutoff = cut(row, limit_of(request.top_k, row.vocabulary),
                            request.top_p < 1 ? request.top_p * everything : no_limit);
  const Run run = run_of(row.vocabulary);
  uint32_t tie = ties_before(row, cutoff.key);
  const uint32_t best = statistics.best;
  Choice choice = {lowest, none};
  // Over the tokens that are kept, without the best one.
  float rest = 0;
  float weighted = 0;
  float second = lowest;
  for (uint32_t token = run.first; token < run.end; token++) {
    const float logit = row.logits[token];
    if (key_of(logit) == cutoff.key) tie++;
    if (!cutoff.keeps(logit, tie) || logit - row.highest < request.min_p_floor) continue;
    if (token != best) {
      const float below = factor * (logit - row.highest);
      const float share = expf(below);
      rest += share;
      weighted += share * below;
      second = fmaxf(second, logit);
    }
    float score = logit;
    if (has(request, request_flag_sampled))
      score += row.heat * gumbel(draw(request.seed, position, request.sequence_step, token), token);
    if (score > choice.score) choice = {score, token};
  }
  rest = sum_over_block<row_threads>(rest);
  weighted = sum_over_block<row_threads>(weighted);
  second = max_over_block<row_threads>(second);
  choice = best_choice(choice);
  if (threadIdx.x != 0) return;
  if (has(request, request_flag_sampled_scores)) {
    const float mass = 1 + rest;
    const float log_mass = log1pf(rest);
    statistics.best_probability = 1 - rest / mass;
    statistics.second_probability = expf(factor * (second - row.highest)) / mass;
    statistics.entropy = fmaxf(log_mass - weighted / mass, 0.0f);
    statistics.log_sum_exp = log_mass;
  }
  const float logit = row.logits[choice.token];
  statistics.token = choice.token;
  statistics.token_logit = logit;
  statistics.confidence = choice.token == best ? statistics.best_probability
                                               : expf(factor * (logit - row.highest) - statistics.log_sum_exp);
}

__global__ void __launch_bounds__(row_threads)
    distribution_kernel(const uint32_t* step, HeldLogitsParameters p, const WantedRow* rows, const uint32_t* forbidden,
                        float* all_logits, Statistics* statistics) {
  const uint32_t row = p.first_row + blockIdx.x;
  if (row >= rows_end(step, p.row_limit) || rows[row].request == none) return;
  const Request& request = request_at(step, rows[row].request);
  const bool filters = has(request, request_flag_filtered);
  const bool mixes = has(request, request_flag_mixture);
  if (!filters && !mixes) return;
  float* const logits = all_logits + size_t{blockIdx.x} * p.vocabulary;
  exclude(logits, p.vocabulary, request, rows[row].position, forbidden);
  float own_highest = lowest;
  for (uint32_t token = threadIdx.x; token < p.vocabulary; token += row_threads)
    own_highest = fmaxf(own_highest, logits[token]);
  const Distribution held = {logits, p.vocabulary, max_over_block<row_threads>(own_highest), 1};
  if (filters) choose(held, request, rows[row].position, statistics[row]);
  __syncthreads();
  if (!mixes) return;
  const Cutoff cutoff = cut(held, limit_of(request.mixture_tokens, p.vocabulary), no_limit);
  const Run run = run_of(p.vocabulary);
  uint32_t tie = ties_before(held, cutoff.key);
  for (uint32_t token = run.first; token < run.end; token++) {
    const float logit = logits[token];
    if (key_of(logit) == cutoff.key) tie++;
    logits[token] = cutoff.keeps(logit, tie) ? expf(logit - held.highest) / cutoff.mass : 0;
  }
}

}  // namespace

void distribution(const Call& call, Stream stream) {
  launch(distribution_kernel, call.grid, row_threads, 0, stream, call.step, call.as<HeldLogitsParameters>(),
         call.buffer<const WantedRow>(0), call.buffer<const uint32_t>(1), call.buffer<float>(2), call.buffer<Statistics>(3));
}

}  // namespace unmask
