// Kernels by name, and what each is launched with.
#pragma once
#include <cstdint>

#include "device/launch.h"

namespace unmask {

/// The type of a matrix of weights or of the K/V pool, by the host's numbers (src/backends/cuda/launches.ts).
/// `bf16_tiles` and `bf16_pairs` are bf16 as tiles.cuh arranges it.
enum class DType : uint32_t { f32, f16, bf16, q8_0, q4_0, q4_k, q6_k, bf16_tiles, bf16_pairs };

/// What one launch gives its kernel.
struct Call {
  DType dtype;
  /// Words of the kernel's parameters, in the order of its structure: first its constants.
  const uint32_t* parameters;
  /// Where the kernel's buffers begin, in order.
  void* const* buffers;
  uint32_t buffer_count;
  /// The descriptor of the step, and the states of the rows.
  uint32_t* step;
  uint32_t* control;
  dim3 grid;

  template <class T>
  T* buffer(int index) const {
    return static_cast<T*>(buffers[index]);
  }
  template <class T>
  T as() const {
    T values;
    auto* words = reinterpret_cast<uint32_t*>(&values);
    for (unsigned index = 0; index < sizeof(T) / 4; index++) words[index] = parameters[index];
    return values;
  }
};

using Launcher = void (*)(const Call&, Stream);

struct Kernel {
  const char* name;
  /// Names of the constants of its form that it takes, with spaces between them; with a mark behind it, one that is 0 where a form has none.
  const char* constants;
  Launcher launch;
};

/// A null name ends the list.
extern const Kernel kernels[];

}  // namespace unmask
