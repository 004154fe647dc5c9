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

namespace unmask {

using BufferId = uint32_t;

/// A part of a buffer, in bytes.
struct Range {
  BufferId buffer;
  uint64_t offset;
  uint64_t bytes;
};

/// A list of launches as words. Each launch is: the index of its kernel, grid x and y, its dtype, the numbers of parameter words
/// and of buffers, the parameters, then for each buffer its id and the word at which the binding begins.
struct Launches {
  /// Where the step's descriptor and the states of the rows are.
  Range step;
  BufferId control;
  std::vector<uint32_t> words;
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
  void run(Launches launches);

  // Work with an answer. Callbacks are called on the engine's thread.
  void allocate(uint64_t bytes, std::function<void(BufferId, Failure)> done);
  void read(std::vector<Range> ranges, std::function<void(std::vector<uint8_t>, Failure)> done);

 private:
  using Job = std::function<void()>;

  void push(Job job);
  void push_silent(Job job);
  void work(int index, const std::function<void(const std::string&, Failure)>& opened);
  void* place(const Range& range) const;
  void launch(const Launches& launches);

  struct Buffer {
    void* memory;
    uint64_t bytes;
  };

  std::unique_ptr<Device> device_;
  std::unordered_map<BufferId, Buffer> buffers_;
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
