// Runs a block of CUDA threads on the processor: each thread is a fiber, and fibers change at barriers only.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

namespace unmask::host {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

/// Of the thread that is running.
extern Index thread_index, block_index, block_size, grid_size;

/// Threads of a warp.
constexpr unsigned warp_size = 32;
/// Maximum bytes of a value that lanes exchange.
constexpr size_t exchange_bytes = 48;

/// Runs every thread of every block. Blocks run one after the other.
/// @param shared_bytes of dynamic shared memory
/// Ends the process if some threads of a block or warp wait at a barrier that the others never reach: on a GPU that is a hang.
void run(Index grid, Index block, size_t shared_bytes, const std::function<void()>& thread);

/// Waits for all threads of the block that have not returned.
void wait_for_block();
/// Waits for all threads of the warp that have not returned.
void wait_for_warp();

/// Shows a value to the other lanes of the warp, until the lane has shown two others.
void publish(const void* own, size_t bytes);
/// What a lane has published last.
const void* published(unsigned lane);

/// Gives the value of this size of another lane of the warp.
void exchange(const void* own, void* other, size_t bytes, unsigned other_lane);

/// Shared memory of the block for one declaration in a kernel. New memory holds a pattern, as nothing clears it on a GPU.
void* shared(const void* declaration, size_t bytes);
void* dynamic_shared();

}  // namespace unmask::host
