// Memory and order of work of a device. All calls come from one thread.
#pragma once
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>

#include "device/launch.h"

namespace unmask {

/// What went wrong, by the code that the JavaScript side gives its error.
struct DeviceError : std::runtime_error {
  /// A code of `DiffusionError`.
  std::string code;
  /// The driver's own number; 0 if it has none.
  int driver_code;
  DeviceError(std::string code, const std::string& message, int driver_code = 0)
      : std::runtime_error(message), code(std::move(code)), driver_code(driver_code) {}
};

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string description() const = 0;
  /// All bytes are 0, as kernels see positions of the K/V pool that nothing has written. @throws DeviceError `out-of-memory`
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* memory) = 0;
  /// Between host and device, and on the device. In the order of the calls, and of the launches on `stream`.
  virtual void write(void* to, const void* from, size_t bytes) = 0;
  virtual void copy(void* to, const void* from, size_t bytes) = 0;
  /// Waits for the work before it. @throws DeviceError `device-lost`
  virtual void read(void* to, const void* from, size_t bytes) = 0;
  virtual Stream stream() = 0;
  /// Waits for all work. @throws DeviceError `device-lost`
  virtual void finish() = 0;
};

/// @throws DeviceError `unsupported` if there is no such device
std::unique_ptr<Device> open_device(int index);

}  // namespace unmask
