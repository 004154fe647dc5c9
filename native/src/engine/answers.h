// A thread that waits for what the device answers, in order, so that the engine's thread goes on to the next work.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "device/device.h"
#include "engine/pinnedPool.h"

namespace unmask {

class Answers {
 public:
  /// @param failed null, or what ended the wait
  using Done = std::function<void(const uint8_t* bytes, const DeviceError* failed)>;

  Answers(Device& device, PinnedPool& pool);
  /// Waits for all answers.
  ~Answers();

  /// @param done called on the thread once the device has passed the memory's mark
  void expect(std::unique_ptr<Pinned> pinned, Done done);

 private:
  struct Answer {
    std::unique_ptr<Pinned> pinned;
    Done done;
  };

  void work();

  Device& device_;
  PinnedPool& pool_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Answer> answers_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace unmask
