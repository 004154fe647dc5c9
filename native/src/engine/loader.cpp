#include "engine/loader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace unmask {
namespace {

constexpr size_t max_lanes = 4;
/// So that a cancelled load ends soon.
constexpr uint64_t read_bytes = 8 << 20;

DeviceError io(const std::string& path, const std::string& why) { return {"io", "'" + path + "': " + why}; }

}  // namespace

Loader::Loader(Device& device, Options options)
    : device_(device), options_(std::move(options)), file_(open(options_.path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) throw io(options_.path, std::strerror(errno));
  plan();
  const size_t lanes = std::max<size_t>(1, std::min(max_lanes, chunks_.size()));
  try {
    for (size_t lane = 0; lane < lanes; lane++)
      staging_.push_back(device_.pin(options_.staging_bytes, Order::apart));
    // Buffers are cleared among the launches, beside which the lanes copy.
    device_.finish();
  } catch (...) {
    close(file_);
    throw;
  }
  working_ = lanes;
  for (const auto& staging : staging_) {
    lanes_.emplace_back([this, &pinned = *staging] {
      try {
        device_.enter_thread();
        run_lane(pinned);
      } catch (const DeviceError& error) {
        fail(error);
      }
      if (--working_ == 0) options_.ended();
    });
  }
}

Loader::~Loader() {
  join();
  close(file_);
}

const std::optional<DeviceError>& Loader::join() {
  for (std::thread& lane : lanes_) lane.join();
  lanes_.clear();
  return failure_;
}

void Loader::cancel() { fail({"aborted", "the load was cancelled"}); }

/// Cuts parts that are larger than a buffer, and groups small ones.
void Loader::plan() {
  std::vector<FilePart> cut;
  for (FilePart part : options_.parts) {
    while (part.bytes > 0) {
      const uint64_t bytes = std::min<uint64_t>(part.bytes, options_.staging_bytes);
      cut.push_back({part.offset, bytes, part.to});
      part = {part.offset + bytes, part.bytes - bytes, part.to + bytes};
    }
  }
  options_.parts = std::move(cut);
  for (size_t index = 0; index < options_.parts.size(); index++) {
    const uint64_t bytes = options_.parts[index].bytes;
    if (chunks_.empty() || chunks_.back().bytes + bytes > options_.staging_bytes) chunks_.push_back({index, index, 0});
    chunks_.back().last++;
    chunks_.back().bytes += bytes;
  }
}

void Loader::run_lane(Pinned& staging) {
  for (;;) {
    const size_t index = next_chunk_++;
    if (index >= chunks_.size() || stopped_) return;
    const Chunk& chunk = chunks_[index];
    uint64_t at = 0;
    for (size_t each = chunk.first; each < chunk.last; each++) {
      const FilePart& part = options_.parts[each];
      try {
        read(staging.memory() + at, part.offset, part.bytes);
      } catch (const DeviceError& error) {
        fail(error);
      }
      if (stopped_) break;
      staging.to_device(part.to, at, part.bytes);
      at += part.bytes;
    }
    // Also if the load has stopped: the device must not copy from memory that is freed.
    staging.mark();
    staging.wait();
    options_.progress(at);
  }
}

void Loader::read(uint8_t* to, uint64_t offset, uint64_t bytes) const {
  for (uint64_t done = 0; done < bytes && !stopped_;) {
    const ssize_t count = pread(file_, to + done, std::min(bytes - done, read_bytes), static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw io(options_.path, std::strerror(errno));
    if (count == 0) throw io(options_.path, "it ends at " + std::to_string(offset + done) + " bytes, before " +
                                                std::to_string(offset + bytes));
    done += static_cast<uint64_t>(count);
  }
}

void Loader::fail(const DeviceError& error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = error;
  stopped_ = true;
}

}  // namespace unmask
