// A CUDA device. Sticky errors end it: every later call fails with the same error.
#include <cuda_runtime.h>

#include "device/device.h"

namespace unmask {
namespace {

std::string text(cudaError_t error) {
  return std::string(cudaGetErrorString(error)) + " (" + cudaGetErrorName(error) + ")";
}

void check(cudaError_t error) {
  if (error != cudaSuccess) throw DeviceError("device-lost", text(error), error);
}

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index) {
    check(cudaSetDevice(index));
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, index));
    description_ = std::string(properties.name) + ", compute capability " + std::to_string(properties.major) + "." +
                   std::to_string(properties.minor);
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  ~CudaDevice() override { cudaStreamDestroy(stream_); }

  std::string description() const override { return description_; }

  void* allocate(size_t bytes) override {
    void* memory = nullptr;
    const cudaError_t error = cudaMalloc(&memory, bytes);
    if (error == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      throw DeviceError("out-of-memory", text(error), error);
    }
    check(error);
    check(cudaMemsetAsync(memory, 0, bytes, stream_));
    return memory;
  }
  void release(void* memory) override { cudaFree(memory); }
  // A copy from pageable memory has read its source when the call returns.
  void write(void* to, const void* from, size_t bytes) override {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_));
  }
  void copy(void* to, const void* from, size_t bytes) override {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_));
  }
  void read(void* to, const void* from, size_t bytes) override {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_));
    finish();
  }
  Stream stream() override { return stream_; }
  void finish() override {
    check(cudaStreamSynchronize(stream_));
    check(cudaGetLastError());
  }

 private:
  std::string description_;
  cudaStream_t stream_ = nullptr;
};

}  // namespace

std::unique_ptr<Device> open_device(int index) {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess) throw DeviceError("unsupported", text(error), error);
  if (index < 0 || index >= count) {
    throw DeviceError("unsupported", "there are " + std::to_string(count) + " devices: found index " + std::to_string(index));
  }
  return std::make_unique<CudaDevice>(index);
}

}  // namespace unmask
