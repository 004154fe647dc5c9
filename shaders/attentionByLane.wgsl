// include: step
// include: visibleKeys
// include: weights
// Softmax attention as attention.wgsl has it, for devices that compute on the CPU, where workgroup memory and barriers
// cost more than they save: a lane takes one query and head by itself, `tile_q` lanes a workgroup. A query's sums run over
// its keys in order. Heads are a multiple of four wide; keys and values are read like weights, in packs of four.
override tile_q: u32;
override width: u32;
struct Params { heads: u32, key_heads: u32, scale: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> query: array<vec4<f32>>;
@group(1) @binding(2) var<storage, read_write> keys: array<Packed>;
@group(1) @binding(3) var<storage, read_write> values: array<Packed>;
@group(1) @binding(4) var<storage, read_write> mixed: array<vec4<f32>>;

/// Packs of four elements.
const most_packs = 64u;

@compute @workgroup_size(tile_q)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  if (group.x >= step_word(3u) || sleeping()) { return; }
  var index = 0u;
  while (index + 1u < span_count() && step_word(step_word(4u) + (index + 1u) * SPAN_WORDS + 8u) <= group.x) { index++; }
  let span = span_at(index);
  let own = (group.x - span.tile) * tile_q + lane;
  if (!awake(span.state) || own >= span.end - span.start) { return; }
  let head = group.y;
  let packs = width / 4u;
  let stride = p.key_heads * packs;
  let column = span.base * stride + head * p.key_heads / p.heads * packs;
  let source = ((span.row + own) * p.heads + head) * packs;
  let seen = visible_keys(span, span.start + own);
  var sums: array<vec4<f32>, most_packs>;
  for (var k = 0u; k < packs; k++) { sums[k] = vec4<f32>(0.0); }
  var highest = -3.0e38;
  var total = 0.0;
  for (var key = 0u; key < seen; key++) {
    let at = column + key * stride;
    var score = 0.0;
    for (var k = 0u; k < packs; k++) { score += dot(query[source + k], unpack(keys[at + k])); }
    score = score * p.scale;
    let peak = max(highest, score);
    let factor = exp(highest - peak);
    let weight = exp(score - peak);
    total = total * factor + weight;
    for (var k = 0u; k < packs; k++) { sums[k] = sums[k] * factor + weight * unpack(values[at + k]); }
    highest = peak;
  }
  for (var k = 0u; k < packs; k++) { mixed[source + k] = sums[k] / total; }
}
