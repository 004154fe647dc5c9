// The host device: memory of the process, kernels at once. For tests.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "device/device.h"

namespace unmask {
namespace {

/// As cudaMalloc aligns.
constexpr size_t alignment = 256;

/// Whether tests have broken the device. Pinned memory may outlive it.
using Broken = std::shared_ptr<std::atomic<bool>>;

void check(const Broken& broken) {
  if (*broken) throw DeviceError("device-lost", "the host device was broken for a test");
}

void* aligned(size_t bytes) {
  const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
  if (!memory) throw DeviceError("out-of-memory", "the host has no memory for it");
  std::memset(memory, 0, rounded);
  return memory;
}

/// Copies at once, and reports faults at marks, where a GPU reports them too.
class HostPinned final : public Pinned {
 public:
  HostPinned(size_t bytes, Broken broken) : memory_(aligned(bytes)), bytes_(bytes), broken_(std::move(broken)) {}
  ~HostPinned() override { std::free(memory_); }
  uint8_t* memory() override { return static_cast<uint8_t*>(memory_); }
  size_t bytes() const override { return bytes_; }
  void to_device(void* to, size_t offset, size_t bytes) override { std::memcpy(to, memory() + offset, bytes); }
  void from_device(size_t offset, const void* from, size_t bytes) override {
    std::memcpy(memory() + offset, from, bytes);
  }
  void mark() override {}
  bool is_done() override { return true; }
  void wait() override { check(broken_); }

 private:
  void* memory_;
  size_t bytes_;
  Broken broken_;
};

struct HostGraph final : Graph {
  std::function<void()> launches;
};

class HostDevice final : public Device {
 public:
  std::string description() const override { return "the host's processor, for tests"; }
  void enter_thread() override {}
  void* allocate(size_t bytes) override {
    check(broken_);
    return aligned(bytes);
  }
  void release(void* memory) override { std::free(memory); }
  std::unique_ptr<Pinned> pin(size_t bytes, Order) override { return std::make_unique<HostPinned>(bytes, broken_); }
  void copy(void* to, const void* from, size_t bytes) override { std::memmove(to, from, bytes); }
  std::unique_ptr<Graph> capture(const std::function<void()>& launches) override {
    auto graph = std::make_unique<HostGraph>();
    graph->launches = launches;
    return graph;
  }
  void launch(Graph& graph) override { static_cast<HostGraph&>(graph).launches(); }
  Stream stream() override { return nullptr; }
  void finish() override { check(broken_); }
  double time(const std::function<void()>& launches, bool) override {
    check(broken_);
    const auto start = std::chrono::steady_clock::now();
    launches();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
  }
  void break_down() override { *broken_ = true; }

 private:
  Broken broken_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

std::unique_ptr<Device> open_device(int index) {
  if (index != 0) throw DeviceError("unsupported", "the host device has the index 0");
  return std::make_unique<HostDevice>();
}

}  // namespace unmask
