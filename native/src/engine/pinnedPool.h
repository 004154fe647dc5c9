// Pinned memory that is used again, so that no pass allocates any.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "device/device.h"

namespace unmask {

class PinnedPool {
 public:
  /// @param max_pending maximum bytes that wait for the device: from there on `retire` waits
  PinnedPool(Device& device, size_t max_pending) : device_(device), max_pending_(max_pending) {}

  /// Memory of at least this many bytes. On the thread of the device. @throws DeviceError `out-of-memory`
  std::unique_ptr<Pinned> take(size_t bytes);
  /// Takes memory back whose copies are over. On any thread.
  void give_back(std::unique_ptr<Pinned> pinned);
  /// Takes memory back once the device has passed its mark, and may wait for earlier memory. On the thread of the device.
  void retire(std::unique_ptr<Pinned> pinned);

 private:
  void collect();

  Device& device_;
  size_t max_pending_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Pinned>> free_;
  /// In the order of their marks.
  std::deque<std::unique_ptr<Pinned>> pending_;
  size_t pending_bytes_ = 0;
};

}  // namespace unmask
