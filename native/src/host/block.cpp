#include "host/block.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define UNMASK_FIBERS_ARE_ANNOTATED 1
#endif

// Saves the registers that a call keeps on the present stack, stores the stack's pointer, and goes on with the other stack.
extern "C" void unmask_change_stack(void** from, void* to);

#if defined(__x86_64__)
asm(R"(
.text
.globl unmask_change_stack
.type unmask_change_stack, @function
unmask_change_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size unmask_change_stack, .-unmask_change_stack
)");
constexpr size_t saved_words = 6;
#elif defined(__aarch64__)
asm(R"(
.text
.globl unmask_change_stack
.type unmask_change_stack, %function
unmask_change_stack:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size unmask_change_stack, .-unmask_change_stack
)");
#else
#error "The host device has no change of stacks for this processor"
#endif

namespace unmask::host {

Index thread_index, block_index, block_size, grid_size;

namespace {

constexpr size_t stack_bytes = 128 * 1024;
/// A float of this pattern is a large negative number, and an index of it leads far outside.
constexpr int poison = 0xcd;

enum class State { runnable, at_block_barrier, at_warp_barrier, returned };

struct Thread {
  State state = State::returned;
  void* stack_pointer = nullptr;
  char* stack = nullptr;
  Index index;
  /// Two values take turns: when a lane writes one again, every lane has read it, as all have written the other one since.
  alignas(16) char exchanged[2][exchange_bytes];
  unsigned turn = 0;
};

std::vector<Thread> threads;
unsigned count = 0;
unsigned current = 0;
void* scheduler_stack = nullptr;
const std::function<void()>* body = nullptr;
std::vector<char> dynamic_memory;
struct SharedArray {
  std::unique_ptr<char[]> memory;
  size_t bytes = 0;
  bool is_fresh = false;
};
std::unordered_map<const void*, SharedArray> shared_arrays;

#if UNMASK_FIBERS_ARE_ANNOTATED
const void* scheduler_bottom = nullptr;
size_t scheduler_size = 0;
#endif

void change(void** from, void* to, [[maybe_unused]] bool to_scheduler, [[maybe_unused]] bool ends) {
#if UNMASK_FIBERS_ARE_ANNOTATED
  void* fake = nullptr;
  if (to_scheduler) __sanitizer_start_switch_fiber(ends ? nullptr : &fake, scheduler_bottom, scheduler_size);
  else __sanitizer_start_switch_fiber(&fake, threads[current].stack, stack_bytes);
  unmask_change_stack(from, to);
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(fake, &bottom, &size);
  if (to_scheduler) {
    scheduler_bottom = bottom;
    scheduler_size = size;
  }
#else
  unmask_change_stack(from, to);
#endif
}

void back_to_scheduler(State state) {
  Thread& own = threads[current];
  own.state = state;
  change(&own.stack_pointer, scheduler_stack, true, state == State::returned);
}

void enter() {
#if UNMASK_FIBERS_ARE_ANNOTATED
  __sanitizer_finish_switch_fiber(nullptr, &scheduler_bottom, &scheduler_size);
#endif
  (*body)();
  back_to_scheduler(State::returned);
  std::abort();
}

void prepare(Thread& thread) {
  if (!thread.stack) {
    void* memory = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      std::fputs("The host device has no memory for the stacks of a block\n", stderr);
      std::abort();
    }
    thread.stack = static_cast<char*>(memory);
  }
#if UNMASK_FIBERS_ARE_ANNOTATED
  // The last frames of a fiber that has returned never ended: their marks are still there.
  __asan_unpoison_memory_region(thread.stack, stack_bytes);
#endif
  auto top = reinterpret_cast<uintptr_t>(thread.stack + stack_bytes) & ~uintptr_t{63};
#if defined(__x86_64__)
  // As after a call: the return address lies 8 bytes below a multiple of 16.
  auto* words = reinterpret_cast<void**>(top) - 2;
  *words = reinterpret_cast<void*>(&enter);
  words -= saved_words;
  std::fill(words, words + saved_words, nullptr);
  thread.stack_pointer = words;
#else
  auto* words = reinterpret_cast<void**>(top - 160);
  std::fill(words, words + 20, nullptr);
  words[11] = reinterpret_cast<void*>(&enter);
  thread.stack_pointer = words;
#endif
  thread.state = State::runnable;
  thread.turn = 0;
}

/// Lets the waiting threads of [first, last) go on if all that have not returned wait at this barrier.
bool release(unsigned first, unsigned last, State barrier) {
  bool waits = false;
  for (unsigned each = first; each < last; each++) {
    if (threads[each].state == State::returned) continue;
    if (threads[each].state != barrier) return false;
    waits = true;
  }
  for (unsigned each = first; each < last; each++)
    if (threads[each].state == barrier) threads[each].state = State::runnable;
  return waits;
}

void run_block() {
  for (auto& [declaration, array] : shared_arrays) array.is_fresh = false;
  std::fill(dynamic_memory.begin(), dynamic_memory.end(), static_cast<char>(poison));
  for (unsigned each = 0; each < count; each++) prepare(threads[each]);
  for (;;) {
    bool progress = false;
    unsigned returned = 0;
    for (current = 0; current < count; current++) {
      Thread& thread = threads[current];
      if (thread.state == State::runnable) {
        progress = true;
        thread_index = thread.index;
        change(&scheduler_stack, thread.stack_pointer, false, false);
      }
      if (thread.state == State::returned) returned++;
    }
    if (returned == count) return;
    for (unsigned first = 0; first < count; first += warp_size)
      progress |= release(first, std::min(count, first + warp_size), State::at_warp_barrier);
    progress |= release(0, count, State::at_block_barrier);
    if (progress) continue;
    std::fprintf(stderr, "A kernel hangs: threads of block %u wait at different barriers\n", block_index.x);
    std::abort();
  }
}

}  // namespace

void run(Index grid, Index block, size_t shared_bytes, const std::function<void()>& thread) {
  // Several engines may have a thread each.
  static std::mutex running;
  const std::lock_guard lock(running);
  grid_size = grid;
  block_size = block;
  body = &thread;
  count = block.x * block.y * block.z;
  if (threads.size() < count) threads.resize(count);
  for (unsigned each = 0; each < count; each++)
    threads[each].index = {each % block.x, each / block.x % block.y, each / block.x / block.y};
  // Exactly as large, so that a check of memory sees its end.
  if (dynamic_memory.size() != shared_bytes) dynamic_memory = std::vector<char>(shared_bytes);
  for (block_index.z = 0; block_index.z < grid.z; block_index.z++)
    for (block_index.y = 0; block_index.y < grid.y; block_index.y++)
      for (block_index.x = 0; block_index.x < grid.x; block_index.x++) run_block();
}

void wait_for_block() { back_to_scheduler(State::at_block_barrier); }

void wait_for_warp() { back_to_scheduler(State::at_warp_barrier); }

void publish(const void* own, size_t bytes) {
  Thread& thread = threads[current];
  thread.turn ^= 1;
  std::memcpy(thread.exchanged[thread.turn], own, bytes);
  wait_for_warp();
}

const void* published(unsigned lane) {
  const unsigned other = std::min(current / warp_size * warp_size + lane, count - 1);
  return threads[other].exchanged[threads[current].turn];
}

void exchange(const void* own, void* other, size_t bytes, unsigned other_lane) {
  publish(own, bytes);
  std::memcpy(other, published(other_lane), bytes);
}

void* shared(const void* declaration, size_t bytes) {
  SharedArray& array = shared_arrays[declaration];
  if (array.bytes < bytes) {
    array.memory = std::make_unique<char[]>(bytes);
    array.bytes = bytes;
    array.is_fresh = false;
  }
  if (!array.is_fresh) {
    std::memset(array.memory.get(), poison, bytes);
    array.is_fresh = true;
  }
  return array.memory.get();
}

void* dynamic_shared() { return dynamic_memory.data(); }

}  // namespace unmask::host
