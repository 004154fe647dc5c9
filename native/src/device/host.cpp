// The host device: memory of the process, kernels at once. For tests.
#include <cstdlib>
#include <cstring>

#include "device/device.h"

namespace unmask {
namespace {

/// As cudaMalloc aligns.
constexpr size_t alignment = 256;

class HostDevice final : public Device {
 public:
  std::string description() const override { return "the host's processor, for tests"; }

  void* allocate(size_t bytes) override {
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* memory = std::aligned_alloc(alignment, rounded);
    if (!memory) throw DeviceError("out-of-memory", "the host has no memory for it");
    std::memset(memory, 0, rounded);
    return memory;
  }
  void release(void* memory) override { std::free(memory); }
  void write(void* to, const void* from, size_t bytes) override { std::memcpy(to, from, bytes); }
  void copy(void* to, const void* from, size_t bytes) override { std::memmove(to, from, bytes); }
  void read(void* to, const void* from, size_t bytes) override { std::memcpy(to, from, bytes); }
  Stream stream() override { return nullptr; }
  void finish() override {}
};

}  // namespace

std::unique_ptr<Device> open_device(int index) {
  if (index != 0) throw DeviceError("unsupported", "the host device has the index 0");
  return std::make_unique<HostDevice>();
}

}  // namespace unmask
