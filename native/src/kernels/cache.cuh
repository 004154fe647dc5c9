// The K/V pool, in f32 or f16.
#pragma once
#include "kernels/weights.cuh"

namespace unmask {

/// Values beyond the largest finite f16 become that. NaN stays one.
__device__ inline float within_f16(float value) {
  constexpr float largest = 65504;
  return value > largest ? largest : value < -largest ? -largest : value;
}

#ifdef UNMASK_HOST

/// The nearest f16, ties to even, of a number within their range.
inline uint32_t nearest_f16(float value) {
  const uint32_t bits = __float_as_uint(value);
  const uint32_t sign = bits >> 16 & 0x8000u;
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > infinity_bits) return sign | 0x7e00u;
  if (magnitude < 0x38800000u) {
    // A subnormal number is a multiple of 2^-24; the sum rounds to one.
    const float sum = __uint_as_float(magnitude) + 0.5f;
    return sign | (__float_as_uint(sum) - 0x3f000000u);
  }
  return sign | (magnitude + 0xfffu + (magnitude >> 13 & 1u) - 0x38000000u) >> 13;
}

/// Two numbers within the range of f16 in a word.
inline uint32_t pack_f16(float low, float high) { return nearest_f16(low) | nearest_f16(high) << 16; }

#else

__device__ inline uint32_t pack_f16(float low, float high) {
  uint32_t word;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

#endif

__device__ inline uint16_t f16_bits(float value) { return static_cast<uint16_t>(pack_f16(within_f16(value), 0.0f)); }

struct CacheF32 {
  using Element = float;
  static __device__ float get(const float* pool, size_t at) { return pool[at]; }
  static __device__ void put(float* pool, size_t at, float value) { pool[at] = value; }
};

struct CacheF16 {
  using Element = uint16_t;
  static __device__ float get(const uint16_t* pool, size_t at) { return f16_value(pool[at]); }
  static __device__ void put(uint16_t* pool, size_t at, float value) { pool[at] = f16_bits(value); }
};

template <class Run>
void with_cache(DType dtype, const Run& run) {
  if (dtype == DType::f16) run(CacheF16());
  else run(CacheF32());
}

}  // namespace unmask
