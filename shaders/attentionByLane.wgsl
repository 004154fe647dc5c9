// include: step
// include: visibleKeys
// include: packs
// Softmax attention as in attention.wgsl, for adapters that compute on the CPU, where workgroup memory and barriers cost
// more than they save. A lane computes one query and head, `tile_q` lanes a workgroup. It reads eight keys at a time, as
// its sums are in memory and are then read and written once for eight keys. A query's sums run over its keys in order.
// The width of a head is a multiple of four; keys and values are read in packs of four.
override tile_q: u32;
override width: u32;
struct Params { heads: u32, kv_heads: u32, scale: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> query: array<vec4<f32>>;
@group(1) @binding(2) var<storage, read_write> keys: array<Packed>;
@group(1) @binding(3) var<storage, read_write> values: array<Packed>;
@group(1) @binding(4) var<storage, read_write> attn_output: array<vec4<f32>>;

/// Maximum packs of four elements of a head.
const max_packs = 64u;

@compute @workgroup_size(tile_q)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= step_attention_tile_count()) { return; }
  var index = 0u;
  while (index + 1u < step_span_count() && span_first_tile(index + 1u) <= group.x) { index++; }
  let span = span_at(index);
  let own = (group.x - span.first_tile) * tile_q + lane;
  if (own >= span.end - span.start) { return; }
  let head = group.y;
  let packs = width / 4u;
  let stride = p.kv_heads * packs;
  let column = head * p.kv_heads / p.heads * packs;
  let source = ((span.first_token + own) * p.heads + head) * packs;
  let seen = visible_keys(span, span.start + own);
  let hidden = hidden_key(span, span.start + own);
  let last = max(seen, 1u) - 1u;
  var sums: array<vec4<f32>, max_packs>;
  for (var k = 0u; k < packs; k++) { sums[k] = vec4<f32>(0.0); }
  var highest = -3.0e38;
  var total = 0.0;
  for (var key = 0u; key < seen; key += 8u) {
    // Keys beyond the last one repeat it, with weight 0.
    let k0 = column + key_place(span, key) * stride;
    let k1 = column + key_place(span, min(key + 1u, last)) * stride;
    let k2 = column + key_place(span, min(key + 2u, last)) * stride;
    let k3 = column + key_place(span, min(key + 3u, last)) * stride;
    let k4 = column + key_place(span, min(key + 4u, last)) * stride;
    let k5 = column + key_place(span, min(key + 5u, last)) * stride;
    let k6 = column + key_place(span, min(key + 6u, last)) * stride;
    let k7 = column + key_place(span, min(key + 7u, last)) * stride;
    var low = vec4<f32>(0.0);
    var high = vec4<f32>(0.0);
    for (var k = 0u; k < packs; k++) {
      let q = query[source + k];
      low += vec4<f32>(
        dot(q, unpack(keys[k0 + k])), dot(q, unpack(keys[k1 + k])), dot(q, unpack(keys[k2 + k])), dot(q, unpack(keys[k3 + k])),
      );
      high += vec4<f32>(
        dot(q, unpack(keys[k4 + k])), dot(q, unpack(keys[k5 + k])), dot(q, unpack(keys[k6 + k])), dot(q, unpack(keys[k7 + k])),
      );
    }
    let indices = vec4<u32>(key, key + 1u, key + 2u, key + 3u);
    low = select(vec4<f32>(-3.0e38), low * p.scale, (indices < vec4<u32>(seen)) & (indices != vec4<u32>(hidden)));
    high = select(vec4<f32>(-3.0e38), high * p.scale, (indices + 4u < vec4<u32>(seen)) & (indices + 4u != vec4<u32>(hidden)));
    let both = max(low, high);
    let peak = max(highest, max(max(both.x, both.y), max(both.z, both.w)));
    let factor = exp(highest - peak);
    low = exp(low - peak);
    high = exp(high - peak);
    total = total * factor + (low.x + low.y + low.z + low.w) + (high.x + high.y + high.z + high.w);
    for (var k = 0u; k < packs; k++) {
      let first = low.x * unpack(values[k0 + k]) + low.y * unpack(values[k1 + k]);
      let second = low.z * unpack(values[k2 + k]) + low.w * unpack(values[k3 + k]);
      let third = high.x * unpack(values[k4 + k]) + high.y * unpack(values[k5 + k]);
      let fourth = high.z * unpack(values[k6 + k]) + high.w * unpack(values[k7 + k]);
      sums[k] = sums[k] * factor + (first + second) + (third + fourth);
    }
    highest = peak;
  }
  for (var k = 0u; k < packs; k++) { attn_output[source + k] = sums[k] / total; }
}
