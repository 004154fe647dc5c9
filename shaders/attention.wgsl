// include: step
// include: visibleKeys
// Softmax attention in one pass over the keys, with an online softmax. A workgroup computes `tile_q` queries of one span
// and one head, and reads keys and values in chunks of `tile_keys` through workgroup memory. A query's sums run over
// its keys in order, chunk by chunk from key 0, independently of other queries. Bound by FLOPs for windows of at least
// 16 rows, else by the bytes of keys and values.
override tile_q: u32;
override tile_keys: u32;
override width: u32;
struct Params { heads: u32, kv_heads: u32, scale: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> query: array<f32>;
@group(1) @binding(2) var<storage, read_write> keys: array<Cached>;
@group(1) @binding(3) var<storage, read_write> values: array<Cached>;
// include: cache
@group(1) @binding(4) var<storage, read_write> attn_output: array<f32>;

/// Padded by one column: lanes of different queries or keys then read different banks.
var<workgroup> q_tile: array<f32, tile_q * (width + 1u)>;
var<workgroup> kv_tile: array<f32, tile_keys * (width + 1u)>;
var<workgroup> weights: array<f32, tile_q * tile_keys>;
var<workgroup> seen: array<u32, tile_q>;
var<workgroup> highest: array<f32, tile_q>;
var<workgroup> total: array<f32, tile_q>;
var<workgroup> rescale: array<f32, tile_q>;

/// Maximum outputs of a lane, which computes every 64th output of the workgroup (tile_q * width).
const max_outputs = 32u;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= step_attention_tile_count()) { return; }
  var index = 0u;
  while (index + 1u < step_span_count() && span_first_tile(index + 1u) <= group.x) { index++; }
  let span = span_at(index);
  let head = group.y;
  let first = (group.x - span.first_tile) * tile_q;
  let count = min(tile_q, span.end - span.start - first);
  let stride = p.kv_heads * width;
  let column = head * p.kv_heads / p.heads * width;

  for (var i = lane; i < tile_q * width; i += 64u) {
    let q = i / width;
    let k = i % width;
    var value = 0.0;
    if (q < count) { value = query[((span.first_token + first + q) * p.heads + head) * width + k] * p.scale; }
    q_tile[q * (width + 1u) + k] = value;
  }
  if (lane < tile_q) {
    highest[lane] = -3.0e38;
    total[lane] = 0.0;
    var own = 0u;
    if (lane < count) { own = visible_keys(span, span.start + first + lane); }
    seen[lane] = own;
  }
  // The last query of a tile sees the most keys.
  // Of the first query; those of the others follow it.
  let hidden = hidden_key(span, span.start + first);
  let has_hidden = hidden != NONE;
  let most = visible_keys(span, span.start + first + count - 1u);
  var sums: array<f32, max_outputs>;
  for (var i = 0u; i < max_outputs; i++) { sums[i] = 0.0; }
  workgroupBarrier();

  for (var key0 = 0u; key0 < most; key0 += tile_keys) {
    for (var i = lane; i < tile_keys * width; i += 64u) {
      let key = key0 + i / width;
      var value = 0.0;
      if (key < most) { value = key_at(key_place(span, key) * stride + column + i % width); }
      kv_tile[i / width * (width + 1u) + i % width] = value;
    }
    workgroupBarrier();
    for (var i = lane; i < tile_q * tile_keys; i += 64u) {
      let q = i / tile_keys;
      let key = i % tile_keys;
      var score = -3.0e38;
      if (key0 + key < seen[q] && !(has_hidden && key0 + key == hidden + q)) {
        score = 0.0;
        for (var k = 0u; k < width; k++) { score += q_tile[q * (width + 1u) + k] * kv_tile[key * (width + 1u) + k]; }
      }
      weights[i] = score;
    }
    workgroupBarrier();
    if (lane < tile_q) {
      var peak = highest[lane];
      for (var key = 0u; key < tile_keys; key++) { peak = max(peak, weights[lane * tile_keys + key]); }
      let factor = exp(highest[lane] - peak);
      var sum = total[lane] * factor;
      for (var key = 0u; key < tile_keys; key++) {
        var weight = 0.0;
        if (key0 + key < seen[lane] && !(has_hidden && key0 + key == hidden + lane)) { weight = exp(weights[lane * tile_keys + key] - peak); }
        weights[lane * tile_keys + key] = weight;
        sum += weight;
      }
      highest[lane] = peak;
      total[lane] = sum;
      rescale[lane] = factor;
    }
    for (var i = lane; i < tile_keys * width; i += 64u) {
      let key = key0 + i / width;
      var value = 0.0;
      if (key < most) { value = value_at(key_place(span, key) * stride + column + i % width); }
      kv_tile[i / width * (width + 1u) + i % width] = value;
    }
    workgroupBarrier();
    var slot = 0u;
    for (var i = lane; i < tile_q * width; i += 64u) {
      let q = i / width;
      let k = i % width;
      var sum = sums[slot] * rescale[q];
      for (var key = 0u; key < tile_keys; key++) { sum += weights[q * tile_keys + key] * kv_tile[key * (width + 1u) + k]; }
      sums[slot] = sum;
      slot++;
    }
    workgroupBarrier();
  }
  var slot = 0u;
  for (var i = lane; i < tile_q * width; i += 64u) {
    let q = i / width;
    if (q < count) { attn_output[((span.first_token + first + q) * p.heads + head) * width + i % width] = sums[slot] / total[q]; }
    slot++;
  }
}
