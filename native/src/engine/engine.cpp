#include "engine/engine.h"

#include <algorithm>
#include <cstring>

namespace unmask {
namespace {

/// Maximum bytes of one pinned buffer for writes, and of all that wait for the device.
constexpr uint64_t write_bytes = 4 << 20;
constexpr uint64_t max_pending_bytes = 64 << 20;

DeviceError bug(const std::string& what) { return {"internal", what}; }

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
    pool_ = std::make_unique<PinnedPool>(*device_, max_pending_bytes);
    answers_ = std::make_unique<Answers>(*device_, *pool_);
    programs_ = std::make_unique<Programs>(
        *device_, [this](BufferId buffer, uint64_t word) { return place({buffer, 4 * word, 0}); });
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
  for (auto& [id, load] : loads_) {
    load.loader->cancel();
    load.done(load.loader->join());
  }
  loads_.clear();
  answers_.reset();
  programs_.reset();
  pool_.reset();
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
    programs_->forget_graphs();
    device_->release(found->second.memory);
    buffers_.erase(found);
  });
}

void Engine::write(Range to, std::vector<uint8_t> bytes) {
  push_silent([this, to, bytes = std::move(bytes)] {
    uint8_t* const target = place(to);
    for (uint64_t at = 0; at < bytes.size(); at += write_bytes) {
      const uint64_t count = std::min(bytes.size() - at, write_bytes);
      std::unique_ptr<Pinned> pinned = pool_->take(count);
      std::memcpy(pinned->memory(), bytes.data() + at, count);
      pinned->to_device(target + at, 0, count);
      pinned->mark();
      pool_->retire(std::move(pinned));
    }
  });
}

void Engine::copy(Range from, Range to) {
  push_silent([this, from, to] { device_->copy(place(to), place(from), from.bytes); });
}

void Engine::define(ProgramId program, LaunchWords words) {
  push_silent([this, program, words = std::move(words)]() mutable { programs_->define(program, std::move(words)); });
}

void Engine::forget(ProgramId program) {
  push_silent([this, program] { programs_->forget(program); });
}

void Engine::run(ProgramId program, Range step, BufferId control) {
  push_silent([this, program, step, control] { programs_->run(program, step_place(step, control)); });
}

void Engine::time(ProgramId program, Range step, BufferId control, uint32_t rounds,
                  std::function<void(std::vector<double>, Failure)> done) {
  push([this, program, step, control, rounds, done = std::move(done)] {
    if (failure_) return done({}, failure_);
    try {
      done(programs_->time(program, step_place(step, control), rounds), std::nullopt);
    } catch (const DeviceError& error) {
      failure_ = error;
      done({}, error);
    }
  });
}

void Engine::read(std::vector<Range> ranges, std::function<void(std::vector<uint8_t>, Failure)> done) {
  push([this, ranges = std::move(ranges), done = std::move(done)] {
    if (failure_) return done({}, failure_);
    try {
      uint64_t size = 0;
      for (const Range& range : ranges) size += range.bytes;
      std::unique_ptr<Pinned> pinned = pool_->take(size);
      uint64_t at = 0;
      for (const Range& range : ranges) {
        pinned->from_device(at, place(range), range.bytes);
        at += range.bytes;
      }
      pinned->mark();
      answers_->expect(std::move(pinned), [this, done, size](const uint8_t* bytes, const DeviceError* failed) {
        if (!failed) return done({bytes, bytes + size}, std::nullopt);
        push([this, error = *failed] { failure_ = failure_.value_or(error); });
        done({}, *failed);
      });
    } catch (const DeviceError& error) {
      if (error.code != "out-of-memory") failure_ = error;
      done({}, error);
    }
  });
}

void Engine::load(LoadId id, std::string path, std::vector<FileRange> ranges, uint64_t staging_bytes,
                  std::function<void(uint64_t)> progress, std::function<void(Failure)> done) {
  push([this, id, path = std::move(path), ranges = std::move(ranges), staging_bytes, progress = std::move(progress),
        done = std::move(done)] {
    if (failure_) return done(failure_);
    try {
      std::vector<FilePart> parts;
      for (const auto& [offset, to] : ranges) parts.push_back({offset, to.bytes, place(to)});
      const auto ended = [this, id] { push([this, id] { end_load(id); }); };
      loads_[id] = {std::make_unique<Loader>(*device_, Loader::Options{path, parts, staging_bytes, progress, ended}), done};
    } catch (const DeviceError& error) {
      if (error.code == "device-lost" || error.code == "internal") failure_ = error;
      done(error);
    }
  });
}

void Engine::end_load(LoadId id) {
  const auto found = loads_.find(id);
  const Failure failure = found->second.loader->join();
  if (failure && failure->code == "device-lost") failure_ = failure_.value_or(*failure);
  found->second.done(failure);
  loads_.erase(found);
}

void Engine::cancel(LoadId id) {
  push([this, id] {
    const auto found = loads_.find(id);
    if (found != loads_.end()) found->second.loader->cancel();
  });
}

void Engine::break_down() {
  push([this] {
    if (device_) device_->break_down();
  });
}

uint8_t* Engine::place(const Range& range) const {
  const auto found = buffers_.find(range.buffer);
  if (found == buffers_.end()) throw bug("Buffer " + std::to_string(range.buffer) + " does not exist");
  if (range.offset + range.bytes > found->second.bytes) throw bug("A range ends behind its buffer");
  return static_cast<uint8_t*>(found->second.memory) + range.offset;
}

StepPlace Engine::step_place(const Range& step, BufferId control) const {
  const auto words = [this](const Range& range) { return reinterpret_cast<uint32_t*>(place(range)); };
  return {words(step), words({control, 0, 0})};
}

}  // namespace unmask
