// include: step
// include: visibleKeys
override lanes: u32;
// include: reduce
// Attention among the wanted rows of a request, added up over heads and layers. A workgroup computes a row: for each head the sum of
// the softmax over all keys that the row sees, then the shares of the wanted keys, whose scores it computes again. The order of a
// row's sums depends on its keys alone. Bound by the bytes of keys; the requests that need it are few.
override width: u32;
/// Whether the pool keeps f16, two elements a word; the width of a head is even then.
override is_half = false;
struct Params { heads: u32, kv_heads: u32, scale: f32, layer: u32, layers: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read_write> query: array<f32>;
@group(1) @binding(3) var<storage, read_write> keys: array<u32>;
@group(1) @binding(4) var<storage, read_write> couplings: array<f32>;

var<workgroup> own_query: array<f32, width>;

fn score_of(at: u32) -> f32 {
  var sum = 0.0;
  if (is_half) {
    for (var k = 0u; k < width; k += 2u) {
      let pair = unpack2x16float(keys[(at + k) / 2u]);
      sum += own_query[k] * pair.x + own_query[k + 1u] * pair.y;
    }
  } else {
    for (var k = 0u; k < width; k++) { sum += own_query[k] * bitcast<f32>(keys[at + k]); }
  }
  return sum * p.scale;
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= step_row_count()) { return; }
  let row = rows[group.x];
  if (row.request == NONE) { return; }
  let wanted_layers = request_coupled_layers(row.request);
  if (p.layer + wanted_layers < p.layers) { return; }
  let span = span_at(request_span(row.request));
  let seen = visible_keys(span, span.start + row.token - span.first_token);
  let first = request_first_row(row.request);
  let count = request_max_rows(row.request);
  let out = request_couplings_at(row.request) + (group.x - first) * count;
  let factor = 1.0 / f32(p.heads * wanted_layers);
  let stride = p.kv_heads * width;
  for (var head = 0u; head < p.heads; head++) {
    for (var k = lane; k < width; k += lanes) { own_query[k] = query[(row.token * p.heads + head) * width + k]; }
    workgroupBarrier();
    let column = span.base * stride + head * p.kv_heads / p.heads * width;
    var highest = -3.0e38;
    var total = 0.0;
    for (var key = lane; key < seen; key += lanes) {
      let score = score_of(column + key * stride);
      let peak = max(highest, score);
      total = total * exp(highest - peak) + exp(score - peak);
      highest = peak;
    }
    let peak = reduce_max(highest, lane);
    let mass = reduce_sum(total * exp(highest - peak), lane);
    let begins = head == 0u && p.layer + wanted_layers == p.layers;
    for (var other = lane; other < count; other += lanes) {
      let key = span.start + rows[first + other].token - span.first_token;
      var sum = 0.0;
      if (!begins) { sum = couplings[out + other]; }
      if (key < seen) { sum += factor * exp(score_of(column + key * stride) - peak) / mass; }
      couplings[out + other] = sum;
    }
    workgroupBarrier();
  }
}
