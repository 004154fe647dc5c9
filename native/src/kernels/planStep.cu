// Where the device decides: writes the descriptor of the next step from what the host says that rows may do, and from where the rows
// are. A row leaves a complete block, looks for stop tokens in it, and enters the next one. Rows that rest have no spans in the
// descriptor. One block, a thread a row; bound by latency.
#include "kernels/kernel.h"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

/// Maximum rows of a submission.
constexpr unsigned threads = 64;

struct Parameters {
  uint32_t tile_queries;
};

/// What a row's pass adds to the step.
struct Share {
  uint32_t requests, spans, tokens, tiles, rows;

  __device__ void operator+=(const Share& other) {
    requests += other.requests;
    spans += other.spans;
    tokens += other.tokens;
    tiles += other.tiles;
    rows += other.rows;
  }
};

/// A row of the submission, and where it is.
struct Row {
  const uint32_t* submission;
  const RowPlan& plan;
  RowState& state;
  const uint32_t* tokens;
  uint32_t* flags;

  /// The plan of the row's current block; null if the row may not go there.
  __device__ const BlockPlan* block() const {
    const uint32_t index = state.block_index - plan.first_block;
    if (index >= plan.block_count) return nullptr;
    return reinterpret_cast<const BlockPlan*>(submission + plan.blocks_at) + index;
  }

  /// Before the row's first step of the submission.
  __device__ void begin_submission() const {
    state.steps_taken = 0;
    state.entry_count = 0;
    if (!plan.is_entry) return;
    state.block_index = plan.first_block;
    state.is_complete = 0;
    state.is_stopped = 0;
    state.sequence_step = plan.entry_sequence_step;
    state.passes = plan.entry_passes;
    state.invalid_position = none;
    enter(*block(), plan.entry_block_step);
  }

  __device__ void enter(const BlockPlan& block, uint32_t block_step) const {
    state.is_entered = 1;
    state.block_step = block_step;
    state.open_at_start = block.open_at_start;
    for (uint32_t i = 0; i < block.editable_count; i++)
      flags[size_t{plan.base} + submission[block.editable_at + i]] |= position_flag_editable;
  }

  __device__ bool holds_stop_token(const BlockPlan& block) const {
    for (uint32_t position = block.stop_start; position < block.stop_end; position++) {
      const uint32_t token = tokens[size_t{plan.base} + position];
      for (uint32_t i = 0; i < plan.stop_token_count; i++)
        if (token == submission[plan.stop_tokens_at + i]) return true;
    }
    return false;
  }

  __device__ void leave() const {
    const BlockPlan* const own = block();
    if (own && holds_stop_token(*own)) state.is_stopped = 1;
    state.block_index++;
    state.is_entered = 0;
    state.is_complete = 0;
  }

  /// The plan of the row's next step; null if the row rests.
  __device__ const StepPlan* next_step(bool is_first) const {
    if (is_first) begin_submission();
    if (state.is_complete) leave();
    const bool rests = state.is_stopped || state.invalid_position != none || state.passes >= plan.pass_limit;
    const BlockPlan* const own = block();
    if (rests || !own) return nullptr;
    if (!state.is_entered) enter(*own, 0);
    if (state.block_step >= own->step_limit) return nullptr;
    const uint32_t step = min(state.block_step - own->first_step, own->step_count - 1);
    return reinterpret_cast<const StepPlan*>(submission + own->steps_at) + step;
  }

  __device__ bool is_guided() const { return plan.guidance_base != none; }
};

__device__ Share share_of(const Row& row, const PassPlan& pass, const Request& request, uint32_t tile_queries) {
  const uint32_t length = pass.end - pass.start;
  const uint32_t spans = row.is_guided() ? 2 : 1;
  return {1, spans, spans * length, spans * ((length + tile_queries - 1) / tile_queries), request.max_rows};
}

__device__ Span span_of(const PassPlan& pass, uint32_t base, uint32_t first_token, uint32_t first_tile) {
  return {first_token, pass.start, pass.end, base, pass.visible, pass.mask_block, pass.origin, first_tile, 0, 0};
}

__device__ Request request_of(const Row& row, const StepPlan& step_plan, const Request& planned, const Share& before,
                              uint32_t step_index) {
  Request request = planned;
  request.first_row = before.rows;
  request.span = before.spans;
  request.guidance_span = row.is_guided() ? before.spans + 1 : none;
  request.state = row.plan.state;
  request.sequence_step = row.state.sequence_step;
  request.block_step = row.state.block_step;
  for (uint32_t i = 0; i < max_parameters; i++) request.parameters[i] = step_plan.parameters[i];
  request.logprobs_at = row.plan.logprobs_at + step_index * row.plan.logprob_step_words;
  return request;
}

__global__ void __launch_bounds__(threads)
    plan_step_kernel(uint32_t* step, RowState* states, Parameters p, const uint32_t* submission, const uint32_t* tokens,
                     uint32_t* flags) {
  UNMASK_SHARED(Share, shares, threads);
  const auto& head = *reinterpret_cast<const Submission*>(submission);
  const auto* const plans = reinterpret_cast<const RowPlan*>(&head + 1);
  const uint32_t index = threadIdx.x;
  const uint32_t step_index = head_of(step).step_index;
  // A thread without a row reads the first plan, and writes nothing.
  const RowPlan& plan = plans[index < head.row_count ? index : 0];
  const Row row = {submission, plan, states[plan.state], tokens, flags};
  const StepPlan* const step_plan = index < head.row_count ? row.next_step(step_index == 0) : nullptr;
  const PassPlan* const pass = step_plan ? reinterpret_cast<const PassPlan*>(submission + step_plan->pass_at) : nullptr;
  const Request* const planned = pass ? reinterpret_cast<const Request*>(pass + 1) : nullptr;
  const Share own = pass ? share_of(row, *pass, *planned, p.tile_queries) : Share{};
  shares[index] = own;
  __syncthreads();
  Share before = {};
  Share all = {};
  for (unsigned other = 0; other < threads; other++) {
    if (other == index) before = all;
    all += shares[other];
  }
  constexpr uint32_t spans_at = sizeof(Step) / 4;
  const uint32_t requests_at = spans_at + all.spans * (sizeof(Span) / 4);
  if (pass) {
    Span* const spans = reinterpret_cast<Span*>(step + spans_at) + before.spans;
    spans[0] = span_of(*pass, plan.base, before.tokens, before.tiles);
    if (row.is_guided())
      spans[1] = span_of(*pass, plan.guidance_base, before.tokens + own.tokens / 2, before.tiles + own.tiles / 2);
    reinterpret_cast<Request*>(step + requests_at)[before.requests] =
        request_of(row, *step_plan, *planned, before, step_index);
  }
  if (index != 0) return;
  *reinterpret_cast<Step*>(step) = {all.tokens, all.spans,   all.rows,    all.requests,
                                    all.tiles,  spans_at,    requests_at, head.candidate_words,
                                    step_index};
}

}  // namespace

void planStep(const Call& call, Stream stream) {
  launch(plan_step_kernel, call.grid, threads, 0, stream, call.step, reinterpret_cast<RowState*>(call.control),
         call.as<Parameters>(), call.buffer<const uint32_t>(0), call.buffer<const uint32_t>(1), call.buffer<uint32_t>(2));
}

}  // namespace unmask
