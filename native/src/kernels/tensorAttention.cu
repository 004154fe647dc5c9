// Softmax attention on tensor cores, with an online softmax over keys and values in f16. A block has up to 64 rows, which are some queries
// of one span for all heads of one group, and a share of the keys. Of the keys in chunks of 64, share s has the chunks s, s + shares, and so
// on. The shares are merged in order, by the block of a tile that ends last; with `serial`, for many tiles, by one block that computes all.
// A row's bits depend on the row and its keys alone. Bound by the bytes of keys and values.
#include "kernels/cache.cuh"
#include "kernels/rounded.cuh"
#include "kernels/visible.cuh"

namespace unmask {
namespace {

constexpr unsigned threads = 128;
constexpr unsigned chunk_keys = 64;
constexpr float least = -3.0e38f;
constexpr float log2_e = 1.44269504f;

struct Parameters {
  /// Queries of a tile.
  uint32_t tile_q;
  uint32_t serial, y_bf16;
  uint32_t heads, kv_heads, width;
  float scale;
  uint32_t shares;
};

/// Of the thread's two rows, the second of which is eight below the first.
struct Softmax {
  float highest[2] = {least, least};
  float total[2] = {0, 0};
};

/// @param depth elements of a head, rounded up to what a kernel is compiled for
template <unsigned depth>
struct Outputs {
  float values[depth / 8][4];
};

/// A tile of rows, as a warp sees it: 16 rows each.
struct Tile {
  const Span* span;
  uint32_t group, first, count, kv_head;

  /// The row of the block that a thread's row is.
  __device__ static unsigned row(unsigned lower) { return threadIdx.x / 32 * 16 + lower * 8 + threadIdx.x % 32 / 4; }
  __device__ bool holds(unsigned row) const { return row < count * group; }
  /// Where a row's query begins, and its output.
  __device__ size_t at(const Parameters& p, unsigned row) const {
    return (size_t{span->first_token + first + row / group} * p.heads + kv_head * group + row % group) * p.width;
  }
  __device__ uint32_t seen(unsigned row) const {
    return holds(row) ? visible_keys(*span, span->start + first + row / group) : 0;
  }
  __device__ uint32_t hidden(unsigned row) const { return hidden_key(*span, span->start + first + row / group); }
};

/// Shared memory: two chunks of keys and values, rows of `depth` numbers as 16-byte units, permuted so that lanes find different banks.
template <unsigned depth>
struct Chunks {
  static constexpr unsigned units = depth / 8;
  static constexpr unsigned row_bytes = 2 * depth;
  static constexpr unsigned bytes = chunk_keys * row_bytes;

  __device__ static char* keys(char* shared, unsigned slot) { return shared + slot * 2 * bytes; }
  __device__ static char* values(char* shared, unsigned slot) { return keys(shared, slot) + bytes; }
  __device__ static unsigned key_at(unsigned key, unsigned unit) { return key * row_bytes + 16 * (unit ^ (key % 2 * 4)); }
  __device__ static unsigned value_at(unsigned key, unsigned unit) { return key * row_bytes + 16 * (unit ^ (key % 8)); }
};

/// The words of a thread's queries: units lane % 4, lane % 4 + 4 and so on of its two rows; each unit is two multiplications.
template <unsigned depth>
__device__ void load_queries(uint4 (&q)[depth / 16], const Parameters& p, const Tile& tile, const float* query) {
  UNMASK_UNROLL
  for (unsigned step = 0; step < depth / 16; step++) {
    const unsigned column = (threadIdx.x % 4 + step / 2 * 4) * 8 + step % 2 * 4;
    const auto four = [&](unsigned lower) {
      const unsigned row = Tile::row(lower);
      if (!tile.holds(row) || column >= p.width) return make_float4(0, 0, 0, 0);
      return *reinterpret_cast<const float4*>(query + tile.at(p, row) + column);
    };
    const float factor = p.scale * log2_e;
    const auto pack = [=](float first, float second) { 
      return pack_f16(within_f16(first * factor), within_f16(second * factor));
    };
    const float4 upper = four(0);
    const float4 lower = four(1);
    q[step] = make_uint4(pack(upper.x, upper.y), pack(lower.x, lower.y), pack(upper.z, upper.w), pack(lower.z, lower.w));
  }
}

template <unsigned depth>
__device__ void copy_chunk(char* shared, unsigned slot, const Parameters& p, const Tile& tile, uint32_t chunk, uint32_t most,
                           const uint16_t* keys, const uint16_t* values) {
  using C = Chunks<depth>;
  for (unsigned at = threadIdx.x; at < chunk_keys * C::units; at += threads) {
    const unsigned key = at / C::units;
    const unsigned unit = at % C::units;
    const bool is_valid = chunk * chunk_keys + key < most && unit * 8 < p.width;
    const size_t from =
        is_valid ? (size_t{key_place(*tile.span, chunk * chunk_keys + key)} * p.kv_heads + tile.kv_head) * p.width + unit * 8 : 0;
    copy_16(C::keys(shared, slot) + C::key_at(key, unit), keys + from, is_valid);
    copy_16(C::values(shared, slot) + C::value_at(key, unit), values + from, is_valid);
  }
}

/// The scores of a chunk, in the places of the tensor cores' tiles: eights of keys.
template <unsigned depth>
__device__ void score(float (&scores)[chunk_keys / 8][4], const uint4 (&q)[depth / 16], const char* keys) {
  const unsigned lane = threadIdx.x % 32;
  UNMASK_UNROLL
  for (unsigned eight = 0; eight < chunk_keys / 8; eight++) {
    UNMASK_UNROLL
    for (unsigned i = 0; i < 4; i++) scores[eight][i] = 0;
    UNMASK_UNROLL
    for (unsigned pair = 0; pair < depth / 32; pair++) {
      const uint4 k =
          *reinterpret_cast<const uint4*>(keys + Chunks<depth>::key_at(eight * 8 + lane / 4, lane % 4 + pair * 4));
      multiply<Half::f16>(scores[eight], q[2 * pair], k.x, k.y);
      multiply<Half::f16>(scores[eight], q[2 * pair + 1], k.z, k.w);
    }
  }
}

/// Adds a chunk to the softmax, and makes its scores weights.
template <unsigned depth>
__device__ void weigh(float (&scores)[chunk_keys / 8][4], Softmax& softmax, Outputs<depth>& outputs, uint32_t first_key,
                      const uint32_t (&seen)[2], const uint32_t (&hidden)[2]) {
  UNMASK_UNROLL
  for (unsigned lower = 0; lower < 2; lower++) {
    const auto is_seen = [&](unsigned eight, unsigned i) {
      const uint32_t key = first_key + eight * 8 + threadIdx.x % 4 * 2 + i;
      return key < seen[lower] && key != hidden[lower];
    };
    float peak = softmax.highest[lower];
    UNMASK_UNROLL
    for (unsigned eight = 0; eight < chunk_keys / 8; eight++)
      UNMASK_UNROLL
      for (unsigned i = 0; i < 2; i++)
        if (is_seen(eight, i)) peak = fmaxf(peak, scores[eight][2 * lower + i]);
    // The four lanes of a row.
    peak = fmaxf(peak, __shfl_xor_sync(0xffffffffu, peak, 1));
    peak = fmaxf(peak, __shfl_xor_sync(0xffffffffu, peak, 2));
    const float factor = exp2f(softmax.highest[lower] - peak);
    softmax.highest[lower] = peak;
    float sum = softmax.total[lower] * factor;
    UNMASK_UNROLL
    for (unsigned eight = 0; eight < chunk_keys / 8; eight++)
      UNMASK_UNROLL
      for (unsigned i = 0; i < 2; i++) {
        float& own = scores[eight][2 * lower + i];
        own = is_seen(eight, i) ? exp2f(own - peak) : 0;
        sum += own;
      }
    // A lane's part of the total; the lanes' parts are added at the end.
    softmax.total[lower] = sum;
    UNMASK_UNROLL
    for (unsigned eight = 0; eight < depth / 8; eight++)
      UNMASK_UNROLL
      for (unsigned i = 0; i < 2; i++) outputs.values[eight][2 * lower + i] *= factor;
  }
}

template <unsigned depth>
__device__ void add_values(Outputs<depth>& outputs, const float (&weights)[chunk_keys / 8][4], const char* values) {
  const unsigned lane = threadIdx.x % 32;
  UNMASK_UNROLL
  for (unsigned step = 0; step < chunk_keys / 16; step++) {
    const auto word = [&](unsigned eight, unsigned i) { return pack_f16(weights[eight][i], weights[eight][i + 1]); };
    const uint4 a = make_uint4(word(2 * step, 0), word(2 * step, 2), word(2 * step + 1, 0), word(2 * step + 1, 2));
    UNMASK_UNROLL
    for (unsigned unit = 0; unit < depth / 8; unit += 2) {
      uint32_t b[4];
      const unsigned key = step * 16 + lane / 8 % 2 * 8 + lane % 8;
      load_transposed(b, values + Chunks<depth>::value_at(key, unit + lane / 16));
      multiply<Half::f16>(outputs.values[unit], a, b[0], b[1]);
      multiply<Half::f16>(outputs.values[unit + 1], a, b[2], b[3]);
    }
  }
}

/// Merges a share into those before it. An empty share changes nothing.
template <unsigned depth, class Other>
__device__ void merge_share(Softmax& softmax, Outputs<depth>& outputs, const Softmax& share, const Other& other) {
  UNMASK_UNROLL
  for (unsigned lower = 0; lower < 2; lower++) {
    const float highest = fmaxf(softmax.highest[lower], share.highest[lower]);
    const float own = exp2f(softmax.highest[lower] - highest);
    const float theirs = exp2f(share.highest[lower] - highest);
    softmax.highest[lower] = highest;
    softmax.total[lower] = softmax.total[lower] * own + share.total[lower] * theirs;
    UNMASK_UNROLL
    for (unsigned eight = 0; eight < depth / 8; eight++)
      UNMASK_UNROLL
      for (unsigned i = 2 * lower; i < 2 * lower + 2; i++)
        outputs.values[eight][i] = outputs.values[eight][i] * own + other(eight * 4 + i) * theirs;
  }
}

template <unsigned depth>
__device__ void attend(const Parameters& p, const Tile& tile, const uint4 (&q)[depth / 16], const uint16_t* keys,
                       const uint16_t* values, char* shared, uint32_t share, Softmax& softmax, Outputs<depth>& outputs) {
  using C = Chunks<depth>;
  const uint32_t seen[2] = {tile.seen(Tile::row(0)), tile.seen(Tile::row(1))};
  const uint32_t hidden[2] = {tile.hidden(Tile::row(0)), tile.hidden(Tile::row(1))};
  // The last query of a tile sees the most keys.
  const uint32_t most = visible_keys(*tile.span, tile.span->start + tile.first + tile.count - 1);
  const uint32_t chunks = (most + chunk_keys - 1) / chunk_keys;
  unsigned slot = 0;
  if (share < chunks) copy_chunk<depth>(shared, 0, p, tile, share, most, keys, values);
  close_copies();
  for (uint32_t chunk = share; chunk < chunks; chunk += p.shares, slot ^= 1) {
    if (chunk + p.shares < chunks) copy_chunk<depth>(shared, slot ^ 1, p, tile, chunk + p.shares, most, keys, values);
    close_copies();
    wait_for_copies<1>();
    __syncthreads();
    float scores[chunk_keys / 8][4];
    score<depth>(scores, q, C::keys(shared, slot));
    weigh<depth>(scores, softmax, outputs, chunk * chunk_keys, seen, hidden);
    add_values<depth>(outputs, scores, C::values(shared, slot));
    __syncthreads();
  }
}

template <unsigned depth>
__global__ void __launch_bounds__(threads)
    tensor_attention_kernel(const uint32_t* step, Parameters p, const float* query, const uint16_t* keys,
                            const uint16_t* values, void* output, float* parts, uint32_t* arrivals) {
  if (blockIdx.x >= head_of(step).attention_tile_count) return;
  const Span& span = span_of_tile(step, blockIdx.x);
  const uint32_t first = (blockIdx.x - span.first_tile) * p.tile_q;
  const Tile tile = {&span, p.heads / p.kv_heads, first, min(p.tile_q, span.end - span.start - first), blockIdx.y % p.kv_heads};
  const uint32_t share = blockIdx.y / p.kv_heads;
  UNMASK_DYNAMIC_SHARED(char, shared);
  uint4 q[depth / 16];
  load_queries<depth>(q, p, tile, query);
  Softmax softmax;
  Outputs<depth> outputs = {};
  attend<depth>(p, tile, q, keys, values, shared, share, softmax, outputs);
  constexpr unsigned own_words = depth / 2 + 4;
  if (p.serial) {
    // The shares before, behind the chunks: each thread has its own words.
    float* const before = reinterpret_cast<float*>(shared + 4 * Chunks<depth>::bytes) + threadIdx.x;
    for (uint32_t next = 1; next < p.shares; next++) {
      const Softmax merged = softmax;
      UNMASK_UNROLL
      for (unsigned i = 0; i < depth / 2; i++) before[i * threads] = outputs.values[i / 4][i % 4];
      softmax = {};
      outputs = {};
      attend<depth>(p, tile, q, keys, values, shared, next, softmax, outputs);
      const Softmax own = softmax;
      softmax = merged;
      UNMASK_UNROLL
      for (unsigned i = 0; i < depth / 2; i++) {
        const float value = outputs.values[i / 4][i % 4];
        outputs.values[i / 4][i % 4] = before[i * threads];
        before[i * threads] = value;
      }
      merge_share<depth>(softmax, outputs, own, [&](unsigned i) { return before[i * threads]; });
    }
  } else if (p.shares > 1) {
    const uint32_t place = blockIdx.x * p.kv_heads + tile.kv_head;
    float* const tile_parts = parts + size_t{place} * p.shares * own_words * threads + threadIdx.x;
    float* const own = tile_parts + share * own_words * threads;
    UNMASK_UNROLL
    for (unsigned i = 0; i < depth / 2; i++) own[i * threads] = outputs.values[i / 4][i % 4];
    UNMASK_UNROLL
    for (unsigned lower = 0; lower < 2; lower++) {
      own[(depth / 2 + lower) * threads] = softmax.highest[lower];
      own[(depth / 2 + 2 + lower) * threads] = softmax.total[lower];
    }
    fence();
    __syncthreads();
    UNMASK_SHARED(uint32_t, arrived, 1);
    if (threadIdx.x == 0) arrived[0] = atomicAdd(arrivals + place, 1u);
    __syncthreads();
    if (arrived[0] + 1 < p.shares) return;
    fence();
    if (threadIdx.x == 0) arrivals[place] = 0;
    const auto softmax_of = [&](const float* part) {
      Softmax of;
      UNMASK_UNROLL
      for (unsigned lower = 0; lower < 2; lower++) {
        of.highest[lower] = part[(depth / 2 + lower) * threads];
        of.total[lower] = part[(depth / 2 + 2 + lower) * threads];
      }
      return of;
    };
    softmax = softmax_of(tile_parts);
    UNMASK_UNROLL
    for (unsigned i = 0; i < depth / 2; i++) outputs.values[i / 4][i % 4] = tile_parts[i * threads];
    for (uint32_t next = 1; next < p.shares; next++) {
      const float* const part = tile_parts + next * own_words * threads;
      merge_share<depth>(softmax, outputs, softmax_of(part), [&](unsigned i) { return part[i * threads]; });
    }
  }
  UNMASK_UNROLL
  for (unsigned lower = 0; lower < 2; lower++) {
    float total = softmax.total[lower];
    total += __shfl_xor_sync(0xffffffffu, total, 1);
    total += __shfl_xor_sync(0xffffffffu, total, 2);
    const float share = 1.0f / total;
    const unsigned row = Tile::row(lower);
    if (!tile.holds(row)) continue;
    const size_t at = tile.at(p, row);
    UNMASK_UNROLL
    for (unsigned eight = 0; eight < depth / 8; eight++)
      UNMASK_UNROLL
      for (unsigned i = 0; i < 2; i++) {
        const unsigned column = eight * 8 + threadIdx.x % 4 * 2 + i;
        if (column < p.width) put_number(output, at + column, outputs.values[eight][2 * lower + i] * share, p.y_bf16);
      }
  }
}

template <unsigned depth>
void start(const Call& call, Stream stream, const Parameters& p) {
  const size_t before = p.serial ? size_t{4} * threads * depth / 2 : 0;
  launch(tensor_attention_kernel<depth>, call.grid, threads, 4 * Chunks<depth>::bytes + before, stream, call.step, p,
         call.buffer<const float>(0), call.buffer<const uint16_t>(1), call.buffer<const uint16_t>(2), call.buffer<void>(3),
         call.buffer<float>(4), call.buffer<uint32_t>(5));
}

}  // namespace

void tensorAttention(const Call& call, Stream stream) {
  const auto p = call.as<Parameters>();
  if (p.width <= 64) start<64>(call, stream, p);
  else start<128>(call, stream, p);
}

}  // namespace unmask
