#include "engine/pinnedPool.h"

#include <algorithm>
#include <bit>

namespace unmask {
namespace {

/// What small copies take; sizes are powers of two, so that few are needed.
constexpr size_t least_bytes = 64 << 10;
/// What large readings take is freed.
constexpr size_t max_kept_bytes = 16 << 20;

}  // namespace

std::unique_ptr<Pinned> PinnedPool::take(size_t bytes) {
  const size_t size = std::bit_ceil(std::max(bytes, least_bytes));
  while (!pending_.empty() && pending_.front()->is_done()) collect();
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(free_.begin(), free_.end(), [&](const auto& each) { return each->bytes() == size; });
    if (found != free_.end()) {
      std::unique_ptr<Pinned> pinned = std::move(*found);
      free_.erase(found);
      return pinned;
    }
  }
  return device_.pin(size, Order::with_launches);
}

void PinnedPool::give_back(std::unique_ptr<Pinned> pinned) {
  if (pinned->bytes() > max_kept_bytes) return;
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(pinned));
}

void PinnedPool::retire(std::unique_ptr<Pinned> pinned) {
  pending_bytes_ += pinned->bytes();
  pending_.push_back(std::move(pinned));
  while (pending_bytes_ > max_pending_) {
    pending_.front()->wait();
    collect();
  }
}

void PinnedPool::collect() {
  pending_bytes_ -= pending_.front()->bytes();
  give_back(std::move(pending_.front()));
  pending_.pop_front();
}

}  // namespace unmask
