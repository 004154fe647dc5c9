// The frame of the decoders' kernels. A block decides for one row of the batch: it lists what the block's wanted rows may become
// (`decide`, the decoder's own), writes tokens and report, and counts. An index `i` below counts the request's wanted rows, which
// ascend by position as the offsets of the TypeScript decoders do. Bound by latency; sorting is by counting ranks.
#pragma once
#include "kernels/kernel.h"
#include "kernels/numbers.cuh"
#include "kernels/reduce.cuh"
#include "kernels/rows.cuh"

namespace unmask::commit {

constexpr unsigned threads = 256;

struct Parameters {
  /// The number of the decoder: other requests are left to other kernels.
  uint32_t decoder;
  /// Where the decisions of the step begin, behind the position memory of all positions of the pool.
  uint32_t scratch_at;
};

struct Buffers {
  const WantedRow* rows;
  uint32_t* tokens;
  uint32_t* flags;
  const Statistics* statistics;
  uint32_t* memory;
  ReportEntry* report;
  /// Logits of the tokens that a position lists; for decoders that list some.
  const float* gathered;
};

/// The canvas block that a row decodes.
struct Block {
  const uint32_t* step_words;
  const Request* request;
  Buffers buffers;
  Decision* decisions;
  /// The request's wanted rows; those outside the block are not the decoder's.
  uint32_t count;
  /// Where the slot begins in the pool.
  uint32_t base;
  /// Undecided positions of the block now, and when it was entered.
  uint32_t open, open_at_start;
  /// Decode steps of the block, and of the sequence, before this one.
  uint32_t step, sequence_step;

  __device__ uint32_t row(uint32_t i) const { return request->first_row + i; }
  __device__ uint32_t position(uint32_t i) const { return buffers.rows[row(i)].position; }
  __device__ size_t pool_at(uint32_t i) const { return size_t{base} + position(i); }
  __device__ bool in_block(uint32_t i) const {
    return position(i) >= request->block_start && position(i) < request->block_end;
  }
  __device__ bool is_open(uint32_t i) const { return in_block(i) && buffers.flags[pool_at(i)] & position_flag_undecided; }
  __device__ uint32_t token(uint32_t i) const { return buffers.tokens[pool_at(i)]; }
  __device__ const Statistics& statistics(uint32_t i) const { return buffers.statistics[row(i)]; }
  __device__ float confidence(uint32_t i) const { return statistics(i).confidence; }
  __device__ Decision& decision(uint32_t i) const { return decisions[row(i)]; }
  __device__ PositionMemory& memory_at(size_t at) const { return reinterpret_cast<PositionMemory*>(buffers.memory)[at]; }
  __device__ PositionMemory& memory(uint32_t i) const { return memory_at(pool_at(i)); }
  __device__ uint32_t parameter(uint32_t index) const { return request->parameters[index]; }
  __device__ float parameter_float(uint32_t index) const { return __uint_as_float(parameter(index)); }

  /// Calls `run` with the thread's rows.
  template <class Run>
  __device__ void each(const Run& run) const {
    for (uint32_t i = threadIdx.x; i < count; i += threads) run(i);
  }
  template <class Run>
  __device__ void each_open(const Run& run) const {
    each([&](uint32_t i) {
      if (is_open(i)) run(i);
    });
  }

  /// How many open rows come before row i: by key, the highest first; of equal keys the earlier row.
  __device__ uint32_t rank_of(uint32_t i) const {
    const uint32_t own = decision(i).key;
    uint32_t rank = 0;
    for (uint32_t j = 0; j < count; j++) {
      if (!is_open(j)) continue;
      const uint32_t key = decision(j).key;
      if (key > own || (key == own && j < i)) rank++;
    }
    return rank;
  }

  /// @param key_of_row larger keys are decided first
  template <class KeyOfRow>
  __device__ void set_keys(const KeyOfRow& key_of_row) const {
    each([&](uint32_t i) { decision(i).key = key_of_row(i); });
  }
  __device__ void use_confidence_as_key() const {
    set_keys([&](uint32_t i) { return key_of(confidence(i)); });
  }

  /// Commits the `most` open rows with the highest keys.
  __device__ void commit_highest(uint32_t most) const {
    __syncthreads();
    each_open([&](uint32_t i) { decision(i).verdict = rank_of(i) < most ? verdict_commit : verdict_keep; });
  }

  /// What a step commits where `steps` steps commit equal shares of the block: at least one row.
  __device__ uint32_t share(uint32_t steps) const {
    return max(1u, open_at_start / steps + (step < open_at_start % steps ? 1u : 0u));
  }

  /// The highest confidence of the choices at open rows.
  __device__ float highest_confidence() const {
    float own = -1;
    each_open([&](uint32_t i) { own = fmaxf(own, decision(i).confidence); });
    return max_over_block<threads>(own);
  }

  /// aboveOrBest of core/decode/thresholdTopN.ts.
  __device__ void commit_above_or_best(float threshold, uint32_t minimum) const {
    float own = 0;
    each_open([&](uint32_t i) { own += confidence(i) > threshold; });
    if (sum_over_block<threads>(own) < static_cast<float>(minimum)) {
      use_confidence_as_key();
      commit_highest(minimum);
      return;
    }
    each_open([&](uint32_t i) {
      if (confidence(i) > threshold) decision(i).verdict = verdict_commit;
    });
  }

  __device__ void write_token(uint32_t i) const {
    write_at(pool_at(i), decision(i).token);
    if (request->guidance_span == none) return;
    write_at(size_t{span_at(step_words, request->guidance_span).base} + position(i), decision(i).token);
  }
  __device__ void write_at(size_t at, uint32_t token) const {
    buffers.tokens[at] = token;
    buffers.flags[at] &= ~(position_flag_soft | position_flag_undecided);
  }
};

/// thresholdBound of core/decode/threshold.ts.
__device__ inline float threshold_bound(float best, float threshold) {
  return fminf(fmaxf(best - 1.0e-5f, -1000.0f), threshold);
}

/// A decoder: `decide` sets verdicts; `is_done` says whether a block without undecided positions is left.
struct Decoder {
  static __device__ bool is_done(const Block&, uint32_t) { return true; }
};

template <class Decider>
__global__ void __launch_bounds__(threads)
    commit_kernel(const uint32_t* step, RowState* states, Parameters p, Buffers buffers) {
  if (blockIdx.x >= head_of(step).request_count) return;
  const Request& request = request_at(step, blockIdx.x);
  if (request.decoder != p.decoder) return;
  RowState& state = states[request.state];
  /// Counts of all threads: undecided positions, tokens that are written, edits; the first position without valid logits.
  UNMASK_SHARED(uint32_t, counts, 4);
  uint32_t& open = counts[0];
  uint32_t& written = counts[1];
  uint32_t& edits = counts[2];
  uint32_t& invalid_position = counts[3];
  if (threadIdx.x == 0) {
    open = written = edits = 0;
    invalid_position = none;
  }
  const uint32_t entry_count = state.entry_count;
  Block b = {step,
             &request,
             buffers,
             reinterpret_cast<Decision*>(buffers.memory + p.scratch_at),
             state.row_count,
             span_at(step, request.span).base,
             0,
             state.open_at_start,
             request.block_step,
             request.sequence_step};
  __syncthreads();
  b.each([&](uint32_t i) {
    const Statistics& own = b.statistics(i);
    if (!own.valid) atomicMin(&invalid_position, b.position(i));
    if (b.is_open(i)) atomicAdd(&open, 1u);
    b.decision(i) = {verdict_keep, own.token, own.confidence, 0, own.token_logit};
  });
  __syncthreads();
  if (invalid_position != none) {
    if (threadIdx.x == 0) state.invalid_position = invalid_position;
    return;
  }
  b.open = open;
  if (b.open == 0 && !has(request, request_flag_known)) return;

  Decider::decide(b);
  __syncthreads();

  b.each([&](uint32_t i) {
    const Decision& own = b.decision(i);
    if (own.verdict == verdict_keep) return;
    b.write_token(i);
    if (own.verdict == verdict_edit) atomicAdd(&edits, 1u);
    ReportEntry* const report = reinterpret_cast<ReportEntry*>(reinterpret_cast<uint32_t*>(buffers.report) + request.report_at);
    report[entry_count + atomicAdd(&written, 1u)] = {head_of(step).step_index, b.position(i), own.verdict, own.token,
                                                     own.confidence};
  });
  __syncthreads();
  if (threadIdx.x != 0) return;
  state.entry_count = entry_count + written;
  state.block_step = b.step + 1;
  state.sequence_step = b.sequence_step + 1;
  state.passes++;
  state.steps_taken++;
  state.is_complete = b.open + edits == written && Decider::is_done(b, edits);
}

template <class Decider>
void launch_commit(const Call& call, Stream stream) {
  const Buffers buffers = {
      call.buffer<const WantedRow>(0),  call.buffer<uint32_t>(1), call.buffer<uint32_t>(2),
      call.buffer<const Statistics>(3), call.buffer<uint32_t>(4), call.buffer<ReportEntry>(5),
      call.buffer_count > 6 ? call.buffer<const float>(6) : nullptr,
  };
  launch(commit_kernel<Decider>, call.grid, threads, 0, stream, call.step, reinterpret_cast<RowState*>(call.control),
         call.as<Parameters>(), buffers);
}

}  // namespace unmask::commit
