#include "engine/answers.h"

#include <optional>

namespace unmask {

Answers::Answers(Device& device, PinnedPool& pool) : device_(device), pool_(pool), thread_([this] { work(); }) {}

Answers::~Answers() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Answers::expect(std::unique_ptr<Pinned> pinned, Done done) {
  {
    const std::lock_guard lock(mutex_);
    answers_.push_back({std::move(pinned), std::move(done)});
  }
  changed_.notify_one();
}

void Answers::work() {
  std::optional<DeviceError> failure;
  try {
    device_.enter_thread();
  } catch (const DeviceError& error) {
    failure = error;
  }
  for (;;) {
    Answer answer;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !answers_.empty(); });
      if (answers_.empty()) return;
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    try {
      if (!failure) answer.pinned->wait();
    } catch (const DeviceError& error) {
      failure = error;
    }
    if (failure) {
      answer.done(nullptr, &*failure);
      continue;
    }
    answer.done(answer.pinned->memory(), nullptr);
    pool_.give_back(std::move(answer.pinned));
  }
}

}  // namespace unmask
