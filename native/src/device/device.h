// Memory and order of work of a device. All calls come from one thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
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

/// Memory of the host that a device copies from and to while both go on. Copies are in order; a mark stands behind them.
class Pinned {
 public:
  virtual ~Pinned() = default;
  virtual uint8_t* memory() = 0;
  virtual size_t bytes() const = 0;
  /// Begin a copy. The memory must stay as it is until the device has passed a mark behind the copy.
  virtual void to_device(void* to, size_t offset, size_t bytes) = 0;
  virtual void from_device(size_t offset, const void* from, size_t bytes) = 0;
  /// Sets the mark behind all copies so far.
  virtual void mark() = 0;
  /// Whether the device has passed the mark.
  virtual bool is_done() = 0;
  /// Waits until the device has passed the mark. @throws DeviceError `device-lost`
  virtual void wait() = 0;
};

/// Launches that the device repeats as one.
class Graph {
 public:
  virtual ~Graph() = default;
};

/// Where the copies of pinned memory stand.
enum class Order {
  /// Among the launches, in the order of the calls.
  with_launches,
  /// Beside them. One thread of its own may make the calls.
  apart,
};

class Device {
 public:
  virtual ~Device() = default;
  virtual std::string description() const = 0;
  /// To be called first on each thread but that which opened the device.
  virtual void enter_thread() = 0;
  /// All bytes are 0, as kernels see positions of the K/V pool that nothing has written. @throws DeviceError `out-of-memory`
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* memory) = 0;
  /// @throws DeviceError `out-of-memory`
  virtual std::unique_ptr<Pinned> pin(size_t bytes, Order order) = 0;
  /// On the device, in the order of the calls, and of the launches on `stream`.
  virtual void copy(void* to, const void* from, size_t bytes) = 0;
  /// Records what `launches` launches on `stream`, and launches nothing.
  virtual std::unique_ptr<Graph> capture(const std::function<void()>& launches) = 0;
  virtual void launch(Graph& graph) = 0;
  virtual Stream stream() = 0;
  /// Waits for all work. @throws DeviceError `device-lost`
  virtual void finish() = 0;
  /// Microseconds that the device takes for what `launches` launches. Waits for it. @throws DeviceError `device-lost`
  /// @param cold whether other data is brought into the device's cache before
  virtual double time(const std::function<void()>& launches, bool cold) = 0;
  /// For tests: from now on everything fails as after a fault on the device. Devices that are none for tests do nothing.
  virtual void break_down() {}
};

/// @throws DeviceError `unsupported` if there is no such device
std::unique_ptr<Device> open_device(int index);

}  // namespace unmask
