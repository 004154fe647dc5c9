// The card's own limits: bytes a second that it copies, and bf16 operations a second of its tensor cores. Prints JSON.
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>

namespace {

void check(cudaError_t error) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "%s\n", cudaGetErrorString(error));
  std::exit(1);
}

/// The least milliseconds of ten rounds.
float best_ms(const std::function<void()>& work) {
  cudaEvent_t start, end;
  check(cudaEventCreate(&start));
  check(cudaEventCreate(&end));
  float best = 1e30f;
  for (int round = 0; round < 10; round++) {
    check(cudaEventRecord(start));
    work();
    check(cudaEventRecord(end));
    check(cudaEventSynchronize(end));
    check(cudaGetLastError());
    float ms = 0;
    check(cudaEventElapsedTime(&ms, start, end));
    best = std::min(best, ms);
  }
  return best;
}

constexpr int chains = 8;
constexpr int steps = 4096;

/// Products of 16 x 8 x 16, in chains that do not wait for each other.
__global__ void products(float* out) {
  float sums[chains][4] = {};
  const uint32_t a = threadIdx.x | 0x3f803f80;
  const uint32_t b = threadIdx.x | 0x3c003c00;
  for (int step = 0; step < steps; step++)
#pragma unroll
    for (auto& s : sums)
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%4,%4,%4}, {%5,%5}, {%0,%1,%2,%3};"
          : "+f"(s[0]), "+f"(s[1]), "+f"(s[2]), "+f"(s[3])
          : "r"(a), "r"(b));
  float sum = 0;
  for (const auto& s : sums) sum += s[0] + s[1] + s[2] + s[3];
  if (sum == 1.0f) *out = sum;
}

}  // namespace

int main() {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, 0));
  int driver = 0;
  int runtime = 0;
  check(cudaDriverGetVersion(&driver));
  check(cudaRuntimeGetVersion(&runtime));

  const size_t bytes = size_t{1} << 30;
  void* from = nullptr;
  void* to = nullptr;
  void* pinned = nullptr;
  check(cudaMalloc(&from, bytes));
  check(cudaMalloc(&to, bytes));
  check(cudaHostAlloc(&pinned, bytes / 4, cudaHostAllocDefault));
  check(cudaMemset(from, 1, bytes));
  const double copied = 2.0 * bytes / best_ms([&] { cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice); });
  const double uploaded =
      bytes / 4.0 / best_ms([&] { cudaMemcpyAsync(to, pinned, bytes / 4, cudaMemcpyHostToDevice); });

  const int blocks = properties.multiProcessorCount * 4;
  const int threads = 256;
  const double flops = 2.0 * 16 * 8 * 16 * chains * steps * (threads / 32) * blocks;
  const double products_rate = flops / best_ms([&] { products<<<blocks, threads>>>(static_cast<float*>(to)); });

  std::printf(
      "{\"card\":\"%s\",\"capability\":\"%d.%d\",\"driver\":%d,\"runtime\":%d,\"copyBytesPerSecond\":%.4g,"
      "\"uploadBytesPerSecond\":%.4g,\"mmaFlops\":%.4g}\n",
      properties.name, properties.major, properties.minor, driver, runtime, copied * 1e3, uploaded * 1e3,
      products_rate * 1e3);
}
