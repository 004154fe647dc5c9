// Tests of bits, which no compiler optimises away, and random numbers.
#pragma once
#include "device/launch.h"

namespace unmask {

constexpr uint32_t infinity_bits = 0x7f800000u;

__device__ inline bool is_finite(float value) { return (__float_as_uint(value) & infinity_bits) != infinity_bits; }
__device__ inline bool is_minus_infinity(float value) { return __float_as_uint(value) == 0xff800000u; }

/// Larger floats have larger keys.
__device__ inline uint32_t key_of(float value) {
  const uint32_t bits = __float_as_uint(value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

struct Words4 {
  uint32_t words[4];

  /// Selects, as an index that is not constant would put the words into local memory.
  __device__ uint32_t at(uint32_t index) const {
    const uint32_t low = index & 1u ? words[1] : words[0];
    const uint32_t high = index & 1u ? words[3] : words[2];
    return index & 2u ? high : low;
  }
};

/// Philox 4x32-10. Source: Salmon et al., SC 2011. The same numbers as core/decode/philox.ts.
__device__ inline Words4 philox(Words4 counter, uint32_t key0) {
  uint32_t(&c)[4] = counter.words;
  uint32_t key1 = 0;
  for (int round = 0; round < 10; round++) {
    const uint32_t high0 = __umulhi(0xd2511f53u, c[0]);
    const uint32_t low0 = 0xd2511f53u * c[0];
    const uint32_t high1 = __umulhi(0xcd9e8d57u, c[2]);
    const uint32_t low1 = 0xcd9e8d57u * c[2];
    c[0] = high1 ^ c[1] ^ key0;
    c[1] = low1;
    c[2] = high0 ^ c[3] ^ key1;
    c[3] = low0;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return counter;
}

/// -ln U for U = (bits + 1/2) / 2^32, also near U = 1, where U itself would round to 1.
__device__ inline float minus_log_uniform(uint32_t bits) {
  constexpr float step = 2.3283064e-10f;
  if (bits < 0x80000000u) return -logf((static_cast<float>(bits) + 0.5f) * step);
  return -log1pf(-(static_cast<float>(~bits) + 0.5f) * step);
}

/// Standard Gumbel noise of a token, from the numbers of the four tokens 4 * floor(token / 4) .. + 3.
__device__ inline float gumbel(const Words4& drawn, uint32_t token) {
  return -logf(minus_log_uniform(drawn.at(token % 4)));
}
__device__ inline Words4 draw(uint32_t seed, uint32_t position, uint32_t sequence_step, uint32_t token) {
  return philox({{position, sequence_step, token / 4, 0}}, seed);
}

}  // namespace unmask
