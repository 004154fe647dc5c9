// Matrices of weights by packs, that is four consecutive elements of a row, of which a row has `stride`. Rows of quantized types lie
// as src/backends/gpu/memory/blockRows.ts places them.
#pragma once
#include <stdexcept>
#include <type_traits>

#include "kernels/kernel.h"
#include "kernels/tiles.cuh"

namespace unmask {

/// The value of the lower 16 bits as f16.
__device__ inline float f16_value(uint32_t bits) {
  const uint32_t magnitude = bits & 0x7fffu;
  const float value = magnitude < 0x400u ? static_cast<float>(magnitude) * 5.9604644775390625e-8f
                      : magnitude < 0x7c00u ? __uint_as_float((magnitude << 13) + 0x38000000u)
                                            : __uint_as_float((magnitude << 13) + 0x70000000u);
  return bits & 0x8000u ? -value : value;
}

/// Element i of a pack of nibbles; two packs a word from `start` on.
__device__ inline uint32_t nibble(const uint32_t* start, uint32_t pack, uint32_t i) {
  return (start[pack / 2] >> (pack % 2 * 16 + 4 * i)) & 15u;
}

/// Each of these has the words of a row, and a pack of the row that begins at `row`.
struct WeightsF32 {
  static __device__ size_t row_words(uint32_t stride) { return size_t{4} * stride; }
  static __device__ float4 pack(const uint32_t* row, uint32_t, uint32_t pack) {
    const uint32_t* const at = row + 4 * pack;
    return make_float4(__uint_as_float(at[0]), __uint_as_float(at[1]), __uint_as_float(at[2]), __uint_as_float(at[3]));
  }
};

struct WeightsF16 {
  static __device__ size_t row_words(uint32_t stride) { return size_t{2} * stride; }
  static __device__ float4 pack(const uint32_t* row, uint32_t, uint32_t pack) {
    const uint32_t low = row[2 * pack];
    const uint32_t high = row[2 * pack + 1];
    return make_float4(f16_value(low), f16_value(low >> 16), f16_value(high), f16_value(high >> 16));
  }
};

/// The upper half of an f32.
struct WeightsBf16 {
  static __device__ size_t row_words(uint32_t stride) { return size_t{2} * stride; }
  static __device__ float4 pack(const uint32_t* row, uint32_t, uint32_t pack) {
    const uint32_t low = row[2 * pack];
    const uint32_t high = row[2 * pack + 1];
    return make_float4(__uint_as_float(low << 16), __uint_as_float(low & 0xffff0000u), __uint_as_float(high << 16),
                       __uint_as_float(high & 0xffff0000u));
  }
};

/// Words of four signed bytes, then the f16 scales of blocks of 32 elements, two a word.
struct WeightsQ8 {
  static __device__ size_t row_words(uint32_t stride) { return size_t{stride} + (stride + 15) / 16; }
  static __device__ float4 pack(const uint32_t* row, uint32_t stride, uint32_t pack) {
    const uint32_t bytes = row[pack];
    const float scale = f16_value(row[stride + pack / 16] >> (pack / 8 % 2 * 16));
    const auto element = [&](uint32_t i) { return scale * static_cast<float>(static_cast<int8_t>(bytes >> (8 * i))); };
    return make_float4(element(0), element(1), element(2), element(3));
  }
};

/// Nibbles, eight a word, then the f16 scales of blocks of 32 elements, two a word.
struct WeightsQ4 {
  static __device__ size_t row_words(uint32_t stride) { return size_t{stride / 2} + (stride + 15) / 16; }
  static __device__ float4 pack(const uint32_t* row, uint32_t stride, uint32_t pack) {
    const float scale = f16_value(row[stride / 2 + pack / 16] >> (pack / 8 % 2 * 16));
    const auto element = [&](uint32_t i) { return scale * (static_cast<float>(nibble(row, pack, i)) - 8.0f); };
    return make_float4(element(0), element(1), element(2), element(3));
  }
};

/// Nibbles, then four words for each block of 256 elements: d and dMin in f16; the lower four bits of the scales of its eight groups;
/// those of the minimums; the upper two bits of the scales, then of the minimums.
struct WeightsQ4K {
  static __device__ size_t row_words(uint32_t stride) { return size_t{stride / 2} + stride / 16; }
  static __device__ float4 pack(const uint32_t* row, uint32_t stride, uint32_t pack) {
    const uint32_t* const block = row + stride / 2 + pack / 64 * 4;
    const uint32_t group = pack / 8 % 8;
    const uint32_t upper = block[3] >> (2 * group);
    const uint32_t scale = ((block[1] >> (4 * group)) & 15u) | ((upper & 3u) << 4);
    const uint32_t minimum = ((block[2] >> (4 * group)) & 15u) | (((upper >> 16) & 3u) << 4);
    const float factor = f16_value(block[0]) * static_cast<float>(scale);
    const float offset = f16_value(block[0] >> 16) * static_cast<float>(minimum);
    const auto element = [&](uint32_t i) { return factor * static_cast<float>(nibble(row, pack, i)) - offset; };
    return make_float4(element(0), element(1), element(2), element(3));
  }
};

/// The lower four bits of elements, eight a word; the upper two, sixteen a word; the signed scales of groups of 16 elements, four a
/// word; and a number d in f16 for each block of 256, two a word.
struct WeightsQ6K {
  static __device__ size_t row_words(uint32_t stride) { return size_t{stride / 16 * 13} + (stride + 127) / 128; }
  static __device__ float4 pack(const uint32_t* row, uint32_t stride, uint32_t pack) {
    const uint32_t upper = row[stride / 2 + pack / 4] >> (pack % 4 * 8);
    const uint32_t* const scales = row + stride / 4 * 3;
    const auto scale = static_cast<int8_t>(scales[pack / 16] >> (pack / 4 % 4 * 8));
    const float d = f16_value(scales[stride / 16 + pack / 128] >> (pack / 64 % 2 * 16));
    const float factor = d * static_cast<float>(scale);
    const auto element = [&](uint32_t i) {
      const uint32_t bits = nibble(row, pack, i) | (((upper >> (2 * i)) & 3u) << 4);
      return factor * (static_cast<float>(bits) - 32.0f);
    };
    return make_float4(element(0), element(1), element(2), element(3));
  }
};

/// Calls `run` with the index and the value of the first `count` elements of a pack. Not by an array: one that is indexed in a loop
/// may lie in local memory.
template <class Run>
__device__ void each_element(const float4& pack, uint32_t count, const Run& run) {
  run(0, pack.x);
  if (count > 1) run(1, pack.y);
  if (count > 2) run(2, pack.z);
  if (count > 3) run(3, pack.w);
}

/// A pack of a row of a matrix.
template <class Weights>
__device__ float4 weight_at(const uint32_t* weight, uint32_t stride, uint32_t row, uint32_t pack) {
  if constexpr (std::is_same_v<Weights, WeightsBf16Tiles>) return Weights::at(weight, stride, row, pack);
  else return Weights::pack(weight + row * Weights::row_words(stride), stride, pack);
}

/// Calls `run` with the type of weights in rows as a value.
template <class Run>
void with_weights(DType dtype, const Run& run) {
  switch (dtype) {
    case DType::f32: return run(WeightsF32());
    case DType::f16: return run(WeightsF16());
    case DType::bf16: return run(WeightsBf16());
    case DType::q8_0: return run(WeightsQ8());
    case DType::q4_0: return run(WeightsQ4());
    case DType::q4_k: return run(WeightsQ4K());
    case DType::q6_k: return run(WeightsQ6K());
    case DType::bf16_tiles:
    case DType::bf16_pairs: break;
  }
  throw std::logic_error("a kernel that reads weights in rows is launched with tiles");
}

/// The same for weights in rows or in tiles, as embeddings and heads are.
template <class Run>
void with_any_weights(DType dtype, const Run& run) {
  if (dtype == DType::bf16_tiles) run(WeightsBf16Tiles());
  else with_weights(dtype, run);
}

}  // namespace unmask
