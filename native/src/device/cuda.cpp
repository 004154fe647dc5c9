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

cudaError_t without_room(cudaError_t error) {
  if (error != cudaErrorMemoryAllocation) return error;
  // This error does not last.
  cudaGetLastError();
  throw DeviceError("out-of-memory", text(error), error);
}

class CudaPinned final : public Pinned {
 public:
  /// @param stream of the launches; null for a stream of its own
  CudaPinned(size_t bytes, cudaStream_t stream) : bytes_(bytes), stream_(stream) {
    check(without_room(cudaHostAlloc(&memory_, bytes, cudaHostAllocPortable)));
    try {
      if (!stream_) {
        check(cudaStreamCreateWithFlags(&own_stream_, cudaStreamNonBlocking));
        stream_ = own_stream_;
      }
      check(cudaEventCreateWithFlags(&mark_, cudaEventDisableTiming | cudaEventBlockingSync));
    } catch (...) {
      free_all();
      throw;
    }
  }
  ~CudaPinned() override { free_all(); }
  uint8_t* memory() override { return static_cast<uint8_t*>(memory_); }
  size_t bytes() const override { return bytes_; }
  void to_device(void* to, size_t offset, size_t bytes) override {
    check(cudaMemcpyAsync(to, memory() + offset, bytes, cudaMemcpyHostToDevice, stream_));
  }
  void from_device(size_t offset, const void* from, size_t bytes) override {
    check(cudaMemcpyAsync(memory() + offset, from, bytes, cudaMemcpyDeviceToHost, stream_));
  }
  void mark() override { check(cudaEventRecord(mark_, stream_)); }
  bool is_done() override {
    const cudaError_t error = cudaEventQuery(mark_);
    if (error == cudaErrorNotReady) return false;
    check(error);
    return true;
  }
  void wait() override { check(cudaEventSynchronize(mark_)); }

 private:
  void free_all() {
    if (mark_) cudaEventDestroy(mark_);
    if (own_stream_) cudaStreamDestroy(own_stream_);
    cudaFreeHost(memory_);
  }

  void* memory_ = nullptr;
  size_t bytes_;
  cudaStream_t stream_;
  cudaStream_t own_stream_ = nullptr;
  cudaEvent_t mark_ = nullptr;
};

struct CudaGraph final : Graph {
  cudaGraphExec_t exec = nullptr;
  ~CudaGraph() override {
    if (exec) cudaGraphExecDestroy(exec);
  }
};

class CudaDevice final : public Device {
 public:
  explicit CudaDevice(int index) : index_(index) {
    check(cudaSetDevice(index));
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, index));
    // Twice the cache.
    other_bytes_ = 2 * static_cast<size_t>(properties.l2CacheSize);
    description_ = std::string(properties.name) + ", compute capability " + std::to_string(properties.major) + "." +
                   std::to_string(properties.minor);
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  ~CudaDevice() override {
    if (start_) cudaEventDestroy(start_);
    if (end_) cudaEventDestroy(end_);
    cudaFree(other_data_);
    cudaStreamDestroy(stream_);
  }

  std::string description() const override { return description_; }
  void enter_thread() override { check(cudaSetDevice(index_)); }

  void* allocate(size_t bytes) override {
    void* memory = nullptr;
    check(without_room(cudaMalloc(&memory, bytes)));
    check(cudaMemsetAsync(memory, 0, bytes, stream_));
    return memory;
  }
  void release(void* memory) override { cudaFree(memory); }
  std::unique_ptr<Pinned> pin(size_t bytes, Order order) override {
    return std::make_unique<CudaPinned>(bytes, order == Order::apart ? nullptr : stream_);
  }
  void copy(void* to, const void* from, size_t bytes) override {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_));
  }
  std::unique_ptr<Graph> capture(const std::function<void()>& launches) override {
    cudaGraph_t graph = nullptr;
    // Relaxed, as the first launch of a kernel loads its code, and other threads go on with copies of their own.
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeRelaxed));
    try {
      launches();
    } catch (...) {
      cudaStreamEndCapture(stream_, &graph);
      if (graph) cudaGraphDestroy(graph);
      throw;
    }
    check(cudaStreamEndCapture(stream_, &graph));
    auto captured = std::make_unique<CudaGraph>();
    const cudaError_t error = cudaGraphInstantiateWithFlags(&captured->exec, graph, 0);
    cudaGraphDestroy(graph);
    check(without_room(error));
    check(cudaGetLastError());
    return captured;
  }
  void launch(Graph& graph) override { check(cudaGraphLaunch(static_cast<CudaGraph&>(graph).exec, stream_)); }
  Stream stream() override { return stream_; }
  void finish() override {
    check(cudaStreamSynchronize(stream_));
    check(cudaGetLastError());
  }
  double time(const std::function<void()>& launches, bool cold) override {
    if (!start_) {
      check(cudaEventCreate(&start_));
      check(cudaEventCreate(&end_));
    }
    if (cold) {
      if (!other_data_) check(without_room(cudaMalloc(&other_data_, other_bytes_)));
      check(cudaMemsetAsync(other_data_, 0, other_bytes_, stream_));
    }
    check(cudaEventRecord(start_, stream_));
    launches();
    check(cudaEventRecord(end_, stream_));
    check(cudaEventSynchronize(end_));
    check(cudaGetLastError());
    float ms = 0;
    check(cudaEventElapsedTime(&ms, start_, end_));
    return 1e3 * static_cast<double>(ms);
  }

 private:
  int index_;
  std::string description_;
  cudaStream_t stream_ = nullptr;
  // For `time`, from its first call on.
  cudaEvent_t start_ = nullptr;
  cudaEvent_t end_ = nullptr;
  void* other_data_ = nullptr;
  size_t other_bytes_ = 0;
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
