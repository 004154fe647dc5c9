// include: step
override lanes: u32;
// Splits the stacked projections of a token: RMS norm of each head of queries and keys, RoPE (rotate-half over the first
// `rotary` elements), then queries are written to their tensor, keys and values to their positions in the pool. A
// workgroup a token and head; bound by bytes.
override has_norm = false;
struct Params { heads: u32, kv_heads: u32, width: u32, rotary: u32, epsilon: f32, rope_row: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> query_norm: array<f32>;
@group(1) @binding(2) var<storage, read> key_norm: array<f32>;
@group(1) @binding(3) var<storage, read> rope: array<f32>;
@group(1) @binding(4) var<storage, read_write> projected: array<f32>;
@group(1) @binding(5) var<storage, read_write> query: array<f32>;
@group(1) @binding(6) var<storage, read_write> keys: array<Cached>;
@group(1) @binding(7) var<storage, read_write> values: array<Cached>;
// include: cache

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let head = group.y;
  if (row >= step_token_count()) { return; }
  let span = span_at(span_of_token(row));
  let position = span.start + row - span.first_token;
  let columns = (p.heads + 2u * p.kv_heads) * p.width;
  let source = row * columns + head * p.width;
  let cache = (span.base + position) * p.kv_heads * p.width;
  if (head >= p.heads + p.kv_heads) {
    let own = head - p.heads - p.kv_heads;
    for (var k = 2u * lane; k < p.width; k += 2u * lanes) {
      let both = k + 1u < p.width;
      let pair = vec2<f32>(projected[source + k], projected[source + select(k, k + 1u, both)]);
      put_values(cache + own * p.width + k, pair, both);
    }
    return;
  }
  let is_query = head < p.heads;
  let rotated = position - span.twin_distance;
  var scale = 1.0;
  if (has_norm) {
    var squares = 0.0;
    // Every lane sums the whole head: a head is short, and reading it again costs less than a barrier.
    for (var k = 0u; k < p.width; k++) { squares += projected[source + k] * projected[source + k]; }
    scale = 1.0 / sqrt(squares / f32(p.width) + p.epsilon);
  }
  for (var k = 2u * lane; k < p.width; k += 2u * lanes) {
    let both = k + 1u < p.width;
    var pair = vec2<f32>(placed(source, k, rotated, scale, is_query), 0.0);
    if (both) { pair.y = placed(source, k + 1u, rotated, scale, is_query); }
    if (!is_query) {
      put_keys(cache + (head - p.heads) * p.width + k, pair, both);
      continue;
    }
    let at = (row * p.heads + head) * p.width + k;
    query[at] = pair.x;
    if (both) { query[at + 1u] = pair.y; }
  }
}

/// Element k of a query or key, after norm and rotation.
fn placed(source: u32, k: u32, position: u32, scale: f32, is_query: bool) -> f32 {
  let value = normed(source, k, scale, is_query);
  if (k >= p.rotary) { return value; }
  let half = p.rotary / 2u;
  let other = select(k - half, k + half, k < half);
  let partner = normed(source, other, scale, is_query);
  let pair = min(k, other);
  let cosine = rope[position * p.rope_row + pair];
  let sine = rope[position * p.rope_row + half + pair];
  return value * cosine + select(partner, -partner, k < half) * sine;
}

fn normed(source: u32, k: u32, scale: f32, is_query: bool) -> f32 {
  let value = projected[source + k];
  if (!has_norm) { return value; }
  return value * scale * select(key_norm[k], query_norm[k], is_query);
}
