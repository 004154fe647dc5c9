// A device with a thread of its own, on which all its work is done in the order of the calls.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "device/device.h"
#include "engine/answers.h"
#include "engine/loader.h"
#include "engine/pinnedPool.h"
#include "engine/programs.h"

namespace unmask {

using BufferId = uint32_t;
using LoadId = uint32_t;

/// A part of a buffer, in bytes.
struct Range {
  BufferId buffer;
  uint64_t offset;
  uint64_t bytes;
};

/// A part of a file, and the place of its bytes.
struct FileRange {
  uint64_t offset;
  Range to;
};

class Engine {
 public:
  using Failure = std::optional<DeviceError>;

  /// Opens the device on the engine's thread.
  /// @param opened called on that thread with the device's description, or with the failure
  Engine(int index, std::function<void(const std::string& description, Failure)> opened);
  /// Waits for the work before it, then releases everything.
  ~Engine();

  // Work without an answer: its failure is that of every later `allocate` and `read`.
  void release(BufferId buffer);
  void write(Range to, std::vector<uint8_t> bytes);
  void copy(Range from, Range to);
  /// Gives a list of launches the number by which it is run. The list is captured for each step when it first runs there.
  void define(ProgramId program, LaunchWords words);
  void forget(ProgramId program);
  /// @param step where the step's descriptor is
  /// @param control the states of the rows
  void run(ProgramId program, Range step, BufferId control);

  // Work with an answer. Callbacks are called on threads of the engine.
  void allocate(uint64_t bytes, std::function<void(BufferId, Failure)> done);
  /// Begins to copy once the work before it is done. Later work need not wait for the answer.
  void read(std::vector<Range> ranges, std::function<void(std::vector<uint8_t>, Failure)> done);
  /// Measures a program, for benchmarks: the microseconds of each launch, then of all as a graph, for each of `rounds`.
  /// Launches come with a cold cache. What they write is then wrong.
  void time(ProgramId program, Range step, BufferId control, uint32_t rounds,
            std::function<void(std::vector<double>, Failure)> done);
  /// Loads ranges of a local file, ascending, beside other work.
  /// @param progress called with the bytes that were loaded since the last call
  void load(LoadId load, std::string path, std::vector<FileRange> ranges, uint64_t staging_bytes,
            std::function<void(uint64_t)> progress, std::function<void(Failure)> done);
  /// Ends a load early, with `aborted`; without effect on one that has ended.
  void cancel(LoadId load);

  /// For tests: as `Device::break_down`, in the order of the calls.
  void break_down();

 private:
  using Job = std::function<void()>;

  void push(Job job);
  void push_silent(Job job);
  void work(int index, const std::function<void(const std::string&, Failure)>& opened);
  void end_load(LoadId load);
  uint8_t* place(const Range& range) const;
  StepPlace step_place(const Range& step, BufferId control) const;

  struct Buffer {
    void* memory;
    uint64_t bytes;
  };

  struct Load {
    std::unique_ptr<Loader> loader;
    std::function<void(Failure)> done;
  };

  std::unique_ptr<Device> device_;
  std::unique_ptr<PinnedPool> pool_;
  std::unique_ptr<Answers> answers_;
  std::unordered_map<BufferId, Buffer> buffers_;
  std::unique_ptr<Programs> programs_;
  std::unordered_map<LoadId, Load> loads_;
  BufferId last_id_ = 0;
  /// The first failure. A device that has failed stays so.
  Failure failure_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace unmask
