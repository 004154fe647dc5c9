#include "kernels/kernel.h"

namespace unmask {

// Names as the host has them, and the constants of their forms that they take.
#define UNMASK_KERNELS(each)                                                             \
  each(attention, "tile_q tile_keys width y_bf16?")                                      \
  each(combine, "has_residual")                                                          \
  each(couplings, "width is_half")                                                       \
  each(distribution, "")                                                                 \
  each(divergenceMerge, "")                                                              \
  each(divergenceTiles, "")                                                              \
  each(embed, "")                                                                        \
  each(experts, "tile_m gated by_token")                                                 \
  each(gatherLogits, "")                                                                 \
  each(gatherTokens, "")                                                                 \
  each(group, "experts tile_rows")                                                       \
  each(headMerge, "")                                                                    \
  each(headTiles, "")                                                                    \
  each(keepHidden, "")                                                                   \
  each(listRows, "")                                                                     \
  each(mixture, "")                                                                      \
  each(norm, "y_bf16?")                                                                  \
  each(planStep, "")                                                                     \
  each(product, "tile_m gated has_bias has_residual of_head")                            \
  each(qkv, "has_norm")                                                                  \
  each(roundRows, "")                                                                    \
  each(route, "experts has_bias normalize sigmoid groups top_groups has_shared y_bf16?") \
  each(selectRows, "")                                                                   \
  each(streamHead, "groups")                                                             \
  each(streamProduct, "groups serial paired x_bf16 y_bf16 has_bias has_residual of_head")\
  each(streamExperts, "paired x_bf16 y_bf16 by_token")                                   \
  each(tensorAttention, "tile_q serial y_bf16?")                                         \
  each(tileWeight, "paired")                                                             \
  each(topCandidates, "")                                                                \
  each(updateSoftEmbeddings, "")                                                         \
  each(writeLogprobs, "")

// The kernel of decoder `name` is `commit/name`.
#define UNMASK_DECODERS(each) \
  each(credit)                \
  each(dreamSchedule)         \
  each(edit)                  \
  each(entropy)               \
  each(entropyBound)          \
  each(factor)                \
  each(fixed)                 \
  each(hierarchical)          \
  each(klass)                 \
  each(leftPrefix)            \
  each(linearSchedule)        \
  each(margin)                \
  each(quota)                 \
  each(random)                \
  each(threshold)             \
  each(thresholdTopN)

#define UNMASK_DECLARE_KERNEL(name, constants) void name(const Call&, Stream);
UNMASK_KERNELS(UNMASK_DECLARE_KERNEL)

namespace commit {
#define UNMASK_DECLARE_DECODER(name) void name(const Call&, Stream);
UNMASK_DECODERS(UNMASK_DECLARE_DECODER)
}  // namespace commit

#define UNMASK_KERNEL(name, constants) {#name, constants, name},
#define UNMASK_DECODER(name) {"commit/" #name, "decoder", commit::name},
const Kernel kernels[] = {UNMASK_KERNELS(UNMASK_KERNEL) UNMASK_DECODERS(UNMASK_DECODER){nullptr, nullptr, nullptr}};

}  // namespace unmask
