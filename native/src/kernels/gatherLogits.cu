// Logits of single tokens that the host lists, a block a pair (wanted row, token). Runs once for each shard of the head. Bound by
// latency: one row of the head for each pair.
#include "kernels/headLogit.cuh"
#include "kernels/step.cuh"

namespace unmask {
namespace {

template <class Weights>
__global__ void __launch_bounds__(logit_threads)
    gather_logits_kernel(HeadLogitParameters p, const uint32_t* weight, const uint32_t* gather_list, const float* x,
                         float* gathered) {
  const auto& list = *reinterpret_cast<const GatherList*>(gather_list);
  // Pairs fill a square grid, as a dimension is limited to 65535 blocks.
  const uint32_t index = blockIdx.y * gridDim.x + blockIdx.x;
  if (index >= list.pair_count) return;
  const GatherPair& pair = reinterpret_cast<const GatherPair*>(&list + 1)[index];
  if (!p.holds(pair.token)) return;
  const float logit = head_logit<Weights>(p, weight, x, pair.row, pair.token);
  if (threadIdx.x == 0) gathered[index] = logit;
}

}  // namespace

void gatherLogits(const Call& call, Stream stream) {
  with_any_weights(call.dtype, [&](auto weights) {
    launch(gather_logits_kernel<decltype(weights)>, call.grid, logit_threads, 0, stream, call.as<HeadLogitParameters>(),
           call.buffer<const uint32_t>(0), call.buffer<const uint32_t>(1), call.buffer<const float>(2),
           call.buffer<float>(3));
  });
}

}  // namespace unmask
