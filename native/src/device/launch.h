// One source for kernels on every device: names of the language, and how a kernel is launched.
#pragma once
#ifdef UNMASK_HOST
#include "host/cuda.h"
#else
#include <cuda_runtime.h>
#endif

namespace unmask {

#ifdef UNMASK_HOST
using Stream = void*;

template <class Kernel, class... Arguments>
void launch(Kernel kernel, dim3 grid, dim3 block, Stream, Arguments... arguments) {
  host::run({grid.x, grid.y, grid.z}, {block.x, block.y, block.z}, 0, [=] { kernel(arguments...); });
}

/// An array in shared memory.
#define UNMASK_SHARED(type, name, count)                                                        \
  static const char name##_declaration = 0;                                                     \
  type* const name = static_cast<type*>(unmask::host::shared(&name##_declaration, sizeof(type) * (count)))

#else
using Stream = cudaStream_t;

#ifdef __CUDACC__
template <class Kernel, class... Arguments>
void launch(Kernel kernel, dim3 grid, dim3 block, Stream stream, Arguments... arguments) {
  kernel<<<grid, block, 0, stream>>>(arguments...);
}
#endif

#define UNMASK_SHARED(type, name, count) __shared__ type name[count]
#endif

}  // namespace unmask
