// core/decode/credit.ts. A position lists the tokens that have credit, and keeps their credits in its own words. gatherTokens.cu has
// gathered the logits of those that had some before this step.
#include "kernels/commit/commit.cuh"

namespace unmask::commit {
namespace {

enum { threshold, alpha, gamma, beta };

/// A position's tokens with credit.
struct Credits {
  const Block& b;
  uint32_t i;
  PositionMemory& memory;
  /// Tokens that had some before this step, and now.
  uint32_t before, count;

  __device__ Credits(const Block& b, uint32_t i)
      : b(b), i(i), memory(b.memory(i)), before(b.step == 0 ? 0 : memory.token_count), count(before) {}

  __device__ float credit(uint32_t entry) const { return __uint_as_float(memory.own[entry]); }
  __device__ void set(uint32_t entry, float credit) const { memory.own[entry] = __float_as_uint(credit); }

  /// Credits of a step: all decay, the best token gains.
  __device__ void give(uint32_t token, float amount, float decay) {
    uint32_t place = count;
    for (uint32_t entry = 0; entry < count; entry++) {
      set(entry, credit(entry) * decay);
      if (memory.tokens[entry] == token) place = entry;
    }
    if (place == count) {
      memory.tokens[place] = token;
      set(place, 0);
      count++;
    }
    set(place, credit(place) + amount);
    memory.token_count = count;
  }

  /// A token without a gathered logit has its first credit from this step: it is the arg-max.
  __device__ float plain_logit(uint32_t entry) const {
    if (entry < before) return b.buffers.gathered[size_t{b.row(i)} * max_gathered_tokens + entry];
    return b.statistics(i).best_logit;
  }
  __device__ float raised_logit(uint32_t entry) const {
    return plain_logit(entry) + b.parameter_float(alpha) * log1pf(credit(entry));
  }
  __device__ float noise(uint32_t token) const {
    const float heat = b.request->temperature;
    return heat == 0 ? 0 : heat * gumbel(draw(b.request->seed, b.position(i), b.sequence_step, token), token);
  }

  /// Chooses a token of the raised distribution.
  __device__ void choose() const {
    const Statistics& own = b.statistics(i);
    float top = -3.0e38f;
    for (uint32_t entry = 0; entry < count; entry++) top = fmaxf(top, raised_logit(entry));
    uint32_t token = own.token;
    float logit = own.token_logit;
    float as_given = logit;
    float score = logit + noise(token);
    // The best token has credit from this step on, so what it takes of the vocabulary's mass need not be added only to be
    // subtracted again.
    float rest = expf(own.best_logit - top) * own.rest;
    for (uint32_t entry = 0; entry < count; entry++) {
      const uint32_t candidate = memory.tokens[entry];
      if (candidate != own.best) rest -= expf(plain_logit(entry) - top);
      const float raised = raised_logit(entry);
      const float candidate_score = raised + noise(candidate);
      if (candidate_score > score || (candidate_score == score && candidate < token)) {
        token = candidate;
        logit = raised;
        as_given = plain_logit(entry);
        score = candidate_score;
      }
    }
    float others = fmaxf(rest, 0.0f);
    bool is_credited = false;
    for (uint32_t entry = 0; entry < count; entry++) {
      if (memory.tokens[entry] == token) is_credited = true;
      else others += expf(raised_logit(entry) - top);
    }
    const float mass = expf(logit - top);
    // A token without credit is a part of the rest.
    if (!is_credited) others = fmaxf(others - mass, 0.0f);
    Decision& decision = b.decision(i);
    decision.token = token;
    decision.confidence = 1.0f - others / (mass + others);
    decision.token_logit = as_given;
  }
};

struct Decider : Decoder {
  static __device__ void decide(const Block& b) {
    b.each_open([&](uint32_t i) {
      const float amount = expf(b.parameter_float(gamma) * logf(b.statistics(i).best_probability));
      Credits credits(b, i);
      credits.give(b.statistics(i).best, amount, b.parameter_float(beta));
      credits.choose();
    });
    const float bound = threshold_bound(b.highest_confidence(), b.parameter_float(threshold));
    b.each_open([&](uint32_t i) {
      if (b.decision(i).confidence >= bound) b.decision(i).verdict = verdict_commit;
    });
  }
};

}  // namespace

void credit(const Call& call, Stream stream) { launch_commit<Decider>(call, stream); }

}  // namespace unmask::commit
