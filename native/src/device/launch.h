// One source for kernels on every device: names of the language, and how a kernel is launched.
#pragma once
#include <cstdint>

#ifdef UNMASK_HOST
#include "host/cuda.h"
#else
#include <cuda_runtime.h>
#endif

namespace unmask {

#ifdef UNMASK_HOST
using Stream = void*;

/// @param shared_bytes of dynamic shared memory
template <class Kernel, class... Arguments>
void launch(Kernel kernel, dim3 grid, dim3 block, size_t shared_bytes, Stream, Arguments... arguments) {
  host::run({grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, shared_bytes, [=] { kernel(arguments...); });
}

/// An array in shared memory.
#define UNMASK_SHARED(type, name, count)                                                        \
  static const char name##_declaration = 0;                                                     \
  type* const name = static_cast<type*>(unmask::host::shared(&name##_declaration, sizeof(type) * (count)))
/// Unrolls the loop that follows, so that arrays with its index stay in registers.
#define UNMASK_UNROLL
/// The block's dynamic shared memory.
#define UNMASK_DYNAMIC_SHARED(type, name) type* const name = static_cast<type*>(unmask::host::dynamic_shared())

#else
using Stream = cudaStream_t;

#ifdef __CUDACC__
template <class Kernel, class... Arguments>
void launch(Kernel kernel, dim3 grid, dim3 block, size_t shared_bytes, Stream stream, Arguments... arguments) {
  // More than 48 KiB are granted on request.
  if (shared_bytes > 48 * 1024)
    cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes));
  kernel<<<grid, block, shared_bytes, stream>>>(arguments...);
}
#endif

#define UNMASK_UNROLL _Pragma("unroll")
#define UNMASK_SHARED(type, name, count) __shared__ type name[count]
#define UNMASK_DYNAMIC_SHARED(type, name)             \
  extern __shared__ char unmask_dynamic_shared[];      \
  type* const name = reinterpret_cast<type*>(unmask_dynamic_shared)
#endif

}  // namespace unmask
