// What kernels use of CUDA, on the host device.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "host/block.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __restrict__ __restrict
#define __launch_bounds__(...)

inline const unmask::host::Index& threadIdx = unmask::host::thread_index;
inline const unmask::host::Index& blockIdx = unmask::host::block_index;
inline const unmask::host::Index& blockDim = unmask::host::block_size;
inline const unmask::host::Index& gridDim = unmask::host::grid_size;

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

struct float4 {
  float x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

template <class T>
T min(T a, T b) {
  return b < a ? b : a;
}
template <class T>
T max(T a, T b) {
  return a < b ? b : a;
}

/// Threads change at barriers only.
inline unsigned atomicAdd(unsigned* to, unsigned value) {
  const unsigned before = *to;
  *to += value;
  return before;
}
inline unsigned atomicMin(unsigned* to, unsigned value) {
  const unsigned before = *to;
  *to = min(before, value);
  return before;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }

inline void __syncthreads() { unmask::host::wait_for_block(); }
inline void __syncwarp(unsigned = ~0u) { unmask::host::wait_for_warp(); }

template <class T>
T __shfl_sync(unsigned, T value, int lane) {
  static_assert(sizeof(T) <= unmask::host::exchange_bytes);
  T other;
  unmask::host::exchange(&value, &other, sizeof(T), static_cast<unsigned>(lane) % unmask::host::warp_size);
  return other;
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes) {
  return __shfl_sync(mask, value, static_cast<int>(threadIdx.x % unmask::host::warp_size) ^ lanes);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned lanes) {
  const unsigned own = threadIdx.x % unmask::host::warp_size;
  return __shfl_sync(mask, value, static_cast<int>(own + lanes < unmask::host::warp_size ? own + lanes : own));
}

/// The lanes of the warp with this value, as bits.
inline unsigned __match_any_sync(unsigned, unsigned value) {
  unmask::host::publish(&value, sizeof(value));
  unsigned same = 0;
  for (unsigned lane = 0; lane < unmask::host::warp_size; lane++)
    if (*static_cast<const unsigned*>(unmask::host::published(lane)) == value) same |= 1u << lane;
  return same;
}
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

inline float __uint_as_float(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
inline unsigned __float_as_uint(float value) {
  unsigned bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}
