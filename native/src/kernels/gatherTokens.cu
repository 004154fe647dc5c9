// The logits of the tokens that a decoder's kernel has listed at a wanted row, for its next step: max_gathered_tokens a row. A block
// a row and token; most rows list none. Runs once for each shard of the head. Bound by latency.
#include "kernels/headLogit.cuh"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

template <class Weights>
__global__ void __launch_bounds__(logit_threads)
    gather_tokens_kernel(const uint32_t* step, HeadLogitParameters p, const uint32_t* weight, const WantedRow* rows,
                         const PositionMemory* memory, const float* x, float* gathered) {
  const uint32_t row = blockIdx.x;
  const uint32_t entry = blockIdx.y;
  if (row >= head_of(step).row_count || rows[row].request == none) return;
  const Request& request = request_at(step, rows[row].request);
  // What a position lists before a block's first step is another block's.
  if (!has(request, request_flag_gathers) || request.block_step == 0) return;
  const PositionMemory& own = memory[size_t{span_at(step, request.span).base} + rows[row].position];
  if (entry >= own.token_count || !p.holds(own.tokens[entry])) return;
  const float logit = head_logit<Weights>(p, weight, x, row, own.tokens[entry]);
  if (threadIdx.x == 0) gathered[size_t{row} * max_gathered_tokens + entry] = logit;
}

}  // namespace

void gatherTokens(const Call& call, Stream stream) {
  with_any_weights(call.dtype, [&](auto weights) {
    launch(gather_tokens_kernel<decltype(weights)>, call.grid, logit_threads, 0, stream, call.step,
           call.as<HeadLogitParameters>(), call.buffer<const uint32_t>(0), call.buffer<const WantedRow>(1),
           call.buffer<const PositionMemory>(2), call.buffer<const float>(3), call.buffer<float>(4));
  });
}

}  // namespace unmask
