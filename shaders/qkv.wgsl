// include: step
override lanes: u32;
// From the stacked projections of a token: per-head RMS norm of queries and keys, RoPE (rotate-half over the first
// `rotary` elements), queries to their tensor, keys and values to their positions in the pool. A workgroup a token
// and head; bound by bytes.
override has_norm = false;
struct Params { heads: u32, key_heads: u32, width: u32, rotary: u32, epsilon: f32, rope_row: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> query_norm: array<f32>;
@group(1) @binding(2) var<storage, read> key_norm: array<f32>;
@group(1) @binding(3) var<storage, read> rope: array<f32>;
@group(1) @binding(4) var<storage, read_write> projected: array<f32>;
@group(1) @binding(5) var<storage, read_write> query: array<f32>;
@group(1) @binding(6) var<storage, read_write> keys: array<f32>;
@group(1) @binding(7) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let head = group.y;
  if (row >= token_count() || sleeping()) { return; }
  let span = span_of(row);
  if (!awake(span.state)) { return; }
  let position = span.start + row - span.row;
  let columns = (p.heads + 2u * p.key_heads) * p.width;
  let source = row * columns + head * p.width;
  let cache = (span.base + position) * p.key_heads * p.width;
  if (head >= p.heads + p.key_heads) {
    let own = head - p.heads - p.key_heads;
    for (var k = lane; k < p.width; k += lanes) { values[cache + own * p.width + k] = projected[source + k]; }
    return;
  }
  let is_query = head < p.heads;
  var scale = 1.0;
  if (has_norm) {
    var squares = 0.0;
    // Every lane sums the whole head: a head is short, and reading it again is cheaper than waiting for each other.
    for (var k = 0u; k < p.width; k++) { squares += projected[source + k] * projected[source + k]; }
    scale = 1.0 / sqrt(squares / f32(p.width) + p.epsilon);
  }
  let half = p.rotary / 2u;
  for (var k = lane; k < p.width; k += lanes) {
    var value = projected[source + k];
    if (has_norm) { value = value * scale * select(key_norm[k], query_norm[k], is_query); }
    if (k < p.rotary) {
      let other = select(k - half, k + half, k < half);
      var partner = projected[source + other];
      if (has_norm) { partner = partner * scale * select(key_norm[other], query_norm[other], is_query); }
      let pair = min(k, other);
      let cosine = rope[position * p.rope_row + pair];
      let sine = rope[position * p.rope_row + half + pair];
      value = value * cosine + select(partner, -partner, k < half) * sine;
    }
    if (is_query) { query[(row * p.heads + head) * p.width + k] = value; }
    else { keys[cache + (head - p.heads) * p.width + k] = value; }
  }
}
