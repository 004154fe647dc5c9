// The instructions of tensor cores and of asynchronous copies. On the host device, copies are done at once.
#pragma once
#include "kernels/numbers.cuh"

namespace unmask {

/// 16-bit numbers that tensor cores multiply. Sums are f32.
enum class Half { bf16, f16 };

/// The nearest bf16, ties to even.
__device__ inline uint32_t bf16_bits(float value) {
  const uint32_t bits = __float_as_uint(value);
  // NaN stays one.
  if ((bits & 0x7fffffffu) > infinity_bits) return bits >> 16 | 0x40u;
  return (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
}

#ifdef UNMASK_HOST

inline uint32_t pack_bf16(float low, float high) { return bf16_bits(low) | bf16_bits(high) << 16; }

/// Element i of a word of two.
template <Half half>
float half_value(uint32_t word, unsigned i) {
  const uint32_t bits = i ? word >> 16 : word & 0xffffu;
  if constexpr (half == Half::bf16) return __uint_as_float(bits << 16);
  const uint32_t magnitude = bits & 0x7fffu;
  const float value = magnitude < 0x400u ? static_cast<float>(magnitude) * 5.9604644775390625e-8f
                                         : __uint_as_float((magnitude << 13) + 0x38000000u);
  return bits & 0x8000u ? -value : value;
}

/// c += a * b, as `mma.sync.aligned.m16n8k16.row.col` divides the matrices among the lanes of a warp.
template <Half half>
void multiply(float (&c)[4], const uint4& a, uint32_t b0, uint32_t b1) {
  struct Operands {
    /// By word, two numbers each.
    float a[8], b[4];
  };
  static_assert(sizeof(Operands) <= host::exchange_bytes);
  const uint32_t words[6] = {a.x, a.y, a.z, a.w, b0, b1};
  Operands own;
  for (unsigned i = 0; i < 8; i++) own.a[i] = half_value<half>(words[i / 2], i % 2);
  for (unsigned i = 0; i < 4; i++) own.b[i] = half_value<half>(words[4 + i / 2], i % 2);
  host::publish(&own, sizeof(own));
  const unsigned lane = threadIdx.x % host::warp_size;
  // The four lanes with a row of a, and those with each of two columns of b.
  const Operands *row[4], *columns[2][4];
  for (unsigned quad = 0; quad < 4; quad++) {
    const auto of = [=](unsigned eighth) { return static_cast<const Operands*>(host::published(eighth * 4 + quad)); };
    row[quad] = of(lane / 4);
    for (unsigned i = 0; i < 2; i++) columns[i][quad] = of(lane % 4 * 2 + i);
  }
  for (unsigned i = 0; i < 4; i++)
    for (unsigned k = 0; k < 16; k++) {
      const unsigned quad = k % 8 / 2;
      c[i] += row[quad]->a[2 * (i / 2 + k / 8 * 2) + k % 2] * columns[i % 2][quad]->b[2 * (k / 8) + k % 2];
    }
}

/// Four matrices of 8 x 8 16-bit numbers, transposed, as `ldmatrix.x4.trans` hands them to lanes: lanes 8 i to 8 i + 7 give the rows of
/// matrix i.
inline void load_transposed(uint32_t (&words)[4], const void* row) {
  host::publish(&row, sizeof(row));
  const unsigned lane = threadIdx.x % host::warp_size;
  for (unsigned i = 0; i < 4; i++) {
    const auto number = [&](unsigned j) {
      const auto* const from = *static_cast<const uint16_t* const*>(host::published(8 * i + lane % 4 * 2 + j));
      return static_cast<uint32_t>(from[lane / 4]);
    };
    words[i] = number(0) | number(1) << 16;
  }
}

/// Copies 16 bytes to shared memory, or zeros.
inline void copy_16(void* to, const void* from, bool is_valid) {
  if (is_valid) std::memcpy(to, from, 16);
  else std::memset(to, 0, 16);
}
inline void close_copies() {}
template <int open>
void wait_for_copies() {}
inline void fence() {}

#else

/// Two bf16 numbers in a word.
__device__ inline uint32_t pack_bf16(float low, float high) {
  uint32_t word;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(high), "f"(low));
  return word;
}

template <Half half>
__device__ inline void multiply(float (&c)[4], const uint4& a, uint32_t b0, uint32_t b1) {
  if constexpr (half == Half::bf16)
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
  else
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}

__device__ inline void load_transposed(uint32_t (&words)[4], const void* row) {
  const auto at = static_cast<uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(at)
               : "memory");
}

__device__ inline void copy_16(void* to, const void* from, bool is_valid) {
  const auto at = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  const int bytes = is_valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(bytes) : "memory");
}
/// Closes the group of the copies since the last group.
__device__ inline void close_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until at most this many of the thread's latest groups are under way.
template <int open>
__device__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(open) : "memory");
}
/// Orders the thread's writes before those that follow, for all threads of the device.
__device__ inline void fence() { __threadfence(); }

#endif

}  // namespace unmask
