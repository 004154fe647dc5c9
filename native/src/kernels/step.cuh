// The step's descriptor, as the host or the kernel planStep has written it.
#pragma once
#include "device/launch.h"
#include "generated/layout.h"

namespace unmask {

__device__ inline const Step& head_of(const uint32_t* step) { return *reinterpret_cast<const Step*>(step); }

__device__ inline const Span& span_at(const uint32_t* step, uint32_t index) {
  return reinterpret_cast<const Span*>(step + head_of(step).spans_at)[index];
}

__device__ inline const Request& request_at(const uint32_t* step, uint32_t index) {
  return reinterpret_cast<const Request*>(step + head_of(step).requests_at)[index];
}

/// The span with a token of the pass.
__device__ inline const Span& span_of_token(const uint32_t* step, uint32_t token) {
  uint32_t low = 0;
  uint32_t high = head_of(step).span_count - 1;
  while (low < high) {
    const uint32_t middle = (low + high + 1) / 2;
    if (span_at(step, middle).first_token <= token) low = middle;
    else high = middle - 1;
  }
  return span_at(step, low);
}

}  // namespace unmask
