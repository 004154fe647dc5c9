// Reads parts of a local file into buffers of the device: lanes, each a thread with a pinned buffer of its own, so that some read
// the file while others copy.
#pragma once
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "device/device.h"

namespace unmask {

/// Bytes of a file, and where they go.
struct FilePart {
  uint64_t offset;
  uint64_t bytes;
  uint8_t* to;
};

class Loader {
 public:
  struct Options {
    std::string path;
    /// Ascending by offset, as files are read fastest.
    std::vector<FilePart> parts;
    /// Of each lane.
    size_t staging_bytes;
    /// Called by lanes with the bytes that have come to the device since the last call.
    std::function<void(uint64_t bytes)> progress;
    /// Called by the last lane.
    std::function<void()> ended;
  };

  /// @throws DeviceError `io` if the file cannot be opened, `out-of-memory`
  Loader(Device& device, Options options);
  /// Waits for the lanes.
  ~Loader();

  /// Lets the lanes end early, with the failure `aborted`.
  void cancel();
  /// Waits for the lanes. @returns why the load failed
  const std::optional<DeviceError>& join();

 private:
  /// Parts [first, last) that fill a pinned buffer at most.
  struct Chunk {
    size_t first, last;
    uint64_t bytes;
  };

  void plan();
  void run_lane(Pinned& staging);
  void read(uint8_t* to, uint64_t offset, uint64_t bytes) const;
  void fail(const DeviceError& error);

  Device& device_;
  Options options_;
  int file_;
  std::vector<Chunk> chunks_;
  std::vector<std::unique_ptr<Pinned>> staging_;
  std::vector<std::thread> lanes_;
  std::atomic<size_t> next_chunk_{0};
  std::atomic<size_t> working_;
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::optional<DeviceError> failure_;
};

}  // namespace unmask
