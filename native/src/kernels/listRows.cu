// Lists the wanted rows of each request, where the device decides: undecided positions of the block (with soft embeddings, of the whole
// window that the rows predict), and for decoders that edit, generated positions of the block. Rows ascend by position without gaps;
// the rest of the request's rows have no request. A block a request; bound by latency.
#include "kernels/kernel.h"
#include "kernels/rows.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 256;

__device__ bool is_wanted(const Request& request, const Span& span, const uint32_t* flags, uint32_t position) {
  const uint32_t own = flags[size_t{span.base} + position];
  const bool in_block = position >= request.block_start && position < request.block_end;
  if (own & position_flag_undecided) return in_block || (has(request, request_flag_mixture) && position < span.visible);
  return in_block && has(request, request_flag_known) && own & position_flag_editable;
}

__global__ void __launch_bounds__(threads)
    list_rows_kernel(const uint32_t* step, RowState* states, const uint32_t* flags, WantedRow* rows) {
  const uint32_t index = blockIdx.x;
  if (index >= head_of(step).request_count) return;
  UNMASK_SHARED(uint32_t, counts, threads);
  const Request& request = request_at(step, index);
  const Span& span = span_at(step, request.span);
  // With a shift, a row predicts the position behind it; position 0 is predicted by its own row.
  const uint32_t predicted = span.start == 0 ? 0 : span.start + request.shift;
  const uint32_t width = span.end + request.shift - predicted;
  // Each thread takes a run of positions, so that the order is kept.
  const uint32_t run = (width + threads - 1) / threads;
  const uint32_t first = min(width, threadIdx.x * run);
  const uint32_t end = min(width, (threadIdx.x + 1) * run);
  uint32_t own = 0;
  for (uint32_t i = first; i < end; i++) own += is_wanted(request, span, flags, predicted + i);
  counts[threadIdx.x] = own;
  __syncthreads();
  uint32_t at = 0;
  uint32_t total = 0;
  for (unsigned other = 0; other < threads; other++) {
    if (other < threadIdx.x) at += counts[other];
    total += counts[other];
  }
  for (uint32_t i = first; i < end; i++) {
    const uint32_t position = predicted + i;
    if (!is_wanted(request, span, flags, position)) continue;
    if (at < request.max_rows) {
      const uint32_t offset = max(position, request.shift) - request.shift - span.start;
      const uint32_t guidance_token =
          request.guidance_span == none ? none : span_at(step, request.guidance_span).first_token + offset;
      rows[request.first_row + at] = {span.first_token + offset, guidance_token, index, position};
    }
    at++;
  }
  if (threadIdx.x == 0) states[request.state].row_count = min(total, request.max_rows);
  for (uint32_t i = total + threadIdx.x; i < request.max_rows; i += threads)
    rows[request.first_row + i] = {0, none, none, 0};
}

}  // namespace

void listRows(const Call& call, Stream stream) {
  launch(list_rows_kernel, call.grid, threads, 0, stream, call.step, reinterpret_cast<RowState*>(call.control),
         call.buffer<const uint32_t>(0), call.buffer<WantedRow>(1));
}

}  // namespace unmask
