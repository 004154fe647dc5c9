// Activations that only tensor cores read are kept in bf16, others in f32.
#pragma once
#include "kernels/mma.cuh"

namespace unmask {

__device__ inline void put_number(void* to, size_t at, float value, bool is_bf16) {
  if (is_bf16) static_cast<uint16_t*>(to)[at] = static_cast<uint16_t>(pack_bf16(value, 0.0f));
  else static_cast<float*>(to)[at] = value;
}

}  // namespace unmask
