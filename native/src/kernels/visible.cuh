// Tiles of queries, and what these see.
#pragma once
#include "kernels/step.cuh"

namespace unmask {

/// The span of a tile of attention.
__device__ inline const Span& span_of_tile(const uint32_t* step, uint32_t tile) {
  uint32_t index = 0;
  while (index + 1 < head_of(step).span_count && span_at(step, index + 1).first_tile <= tile) index++;
  return span_at(step, index);
}

/// Keys from position 0 on that a query sees, as in core/tensor/span.ts.
__device__ inline uint32_t visible_keys(const Span& span, uint32_t position) {
  if (span.mask_block == 0) return span.visible;
  const auto block = static_cast<int32_t>(span.mask_block);
  const int32_t distance = static_cast<int32_t>(position - span.twin_distance) - span.origin;
  // Floor toward minus infinity.
  const int32_t index = distance < 0 ? -((block - 1 - distance) / block) : distance / block;
  const int32_t end = span.origin + (index + 1) * block;
  return static_cast<uint32_t>(min(max(end, 0), static_cast<int32_t>(span.visible)));
}

/// The key that a query does not see although it is visible: that of its twin, if the span is a shadow.
__device__ inline uint32_t hidden_key(const Span& span, uint32_t position) {
  return span.twin_distance == 0 || span.replaced_keys > 0 ? none : position - span.twin_distance;
}

/// The position of the pool where a key of a span lies: that of the branch's own, if it replaces a twin's.
__device__ inline uint32_t key_place(const Span& span, uint32_t key) {
  const bool is_replaced = key - (span.start - span.twin_distance) < span.replaced_keys;
  return span.base + key + (is_replaced ? span.twin_distance : 0);
}

}  // namespace unmask
