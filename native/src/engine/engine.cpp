#include "engine/engine.h"

#include "kernels/kernel.h"

namespace unmask {
namespace {

DeviceError bug(const std::string& what) { return {"internal", what}; }

uint32_t kernel_count() {
  uint32_t count = 0;
  while (kernels[count].name) count++;
  return count;
}

}  // namespace

Engine::Engine(int index, std::function<void(const std::string&, Failure)> opened)
    : thread_([this, index, opened = std::move(opened)] { work(index, opened); }) {}

Engine::~Engine() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Engine::push(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void Engine::push_silent(Job job) {
  push([this, job = std::move(job)] {
    if (failure_) return;
    try {
      job();
    } catch (const DeviceError& error) {
      failure_ = error;
    }
  });
}

void Engine::work(int index, const std::function<void(const std::string&, Failure)>& opened) {
  try {
    device_ = open_device(index);
    opened(device_->description(), std::nullopt);
  } catch (const DeviceError& error) {
    failure_ = error;
    opened("", error);
  }
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) break;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
  if (!device_) return;
  for (const auto& [id, buffer] : buffers_) device_->release(buffer.memory);
  device_.reset();
}

void Engine::allocate(uint64_t bytes, std::function<void(BufferId, Failure)> done) {
  push([this, bytes, done = std::move(done)] {
    if (failure_) return done(0, failure_);
    try {
      buffers_[++last_id_] = {device_->allocate(bytes), bytes};
      done(last_id_, std::nullopt);
    } catch (const DeviceError& error) {
      // Without room the device goes on.
      if (error.code != "out-of-memory") failure_ = error;
      done(0, error);
    }
  });
}

void Engine::release(BufferId id) {
  push_silent([this, id] {
    const auto found = buffers_.find(id);
    if (found == buffers_.end()) throw bug("A buffer is released twice");
    device_->release(found->second.memory);
    buffers_.erase(found);
  });
}

void Engine::write(Range to, std::vector<uint8_t> bytes) {
  push_silent([this, to, bytes = std::move(bytes)] { device_->write(place(to), bytes.data(), bytes.size()); });
}

void Engine::copy(Range from, Range to) {
  push_silent([this, from, to] { device_->copy(place(to), place(from), from.bytes); });
}

void Engine::run(Launches launches) {
  push_silent([this, launches = std::move(launches)] { launch(launches); });
}

void Engine::read(std::vector<Range> ranges, std::function<void(std::vector<uint8_t>, Failure)> done) {
  push([this, ranges = std::move(ranges), done = std::move(done)] {
    if (failure_) return done({}, failure_);
    try {
      uint64_t size = 0;
      for (const Range& range : ranges) size += range.bytes;
      std::vector<uint8_t> bytes(size);
      uint64_t at = 0;
      for (const Range& range : ranges) {
        device_->read(bytes.data() + at, place(range), range.bytes);
        at += range.bytes;
      }
      if (ranges.empty()) device_->finish();
      done(std::move(bytes), std::nullopt);
    } catch (const DeviceError& error) {
      failure_ = error;
      done({}, error);
    }
  });
}

void* Engine::place(const Range& range) const {
  const auto found = buffers_.find(range.buffer);
  if (found == buffers_.end()) throw bug("Buffer " + std::to_string(range.buffer) + " does not exist");
  if (range.offset + range.bytes > found->second.bytes) throw bug("A range ends behind its buffer");
  return static_cast<char*>(found->second.memory) + range.offset;
}

void Engine::launch(const Launches& launches) {
  static const uint32_t count = kernel_count();
  auto* const step = static_cast<uint32_t*>(place(launches.step));
  auto* const control = static_cast<uint32_t*>(place({launches.control, 0, 0}));
  const std::vector<uint32_t>& words = launches.words;
  std::vector<void*> buffers;
  for (size_t at = 0; at < words.size();) {
    const uint32_t kernel = words[at];
    const dim3 grid(words[at + 1], words[at + 2]);
    const auto dtype = static_cast<DType>(words[at + 3]);
    const uint32_t parameter_count = words[at + 4];
    const uint32_t buffer_count = words[at + 5];
    const uint32_t* const parameters = words.data() + at + 6;
    if (kernel >= count) throw bug("There is no kernel " + std::to_string(kernel));
    buffers.clear();
    for (uint32_t index = 0; index < buffer_count; index++) {
      const uint32_t* const binding = parameters + parameter_count + 2 * index;
      buffers.push_back(place({binding[0], uint64_t{4} * binding[1], 0}));
    }
    kernels[kernel].launch({dtype, parameters, buffers.data(), buffer_count, step, control, grid}, device_->stream());
    at += 6 + parameter_count + 2 * buffer_count;
  }
}

}  // namespace unmask
