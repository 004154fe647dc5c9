// Kernels by name, and what each is launched with.
#pragma once
#include <cstdint>

#include "device/launch.h"

namespace unmask {

/// What one launch gives its kernel.
struct Call {
  /// Words of the kernel's parameters, in the order of its structure.
  const uint32_t* parameters;
  /// Where the kernel's buffers begin, in order.
  void* const* buffers;
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
  Launcher launch;
};

/// A null name ends the list.
extern const Kernel kernels[];

}  // namespace unmask
