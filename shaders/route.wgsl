// include: step
override lanes: u32;
// include: reduce
// include: weights
// RMS norm, router, softmax over all experts, the top_k best of each token (lowest index on ties). A workgroup a
// token, a lane an expert; the router's bytes come from the cache. Bound by latency.
override experts: u32;
override has_bias = false;
override normalize = false;
struct Params { hidden: u32, stride: u32, top_k: u32, epsilon: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> norm: array<f32>;
@group(1) @binding(2) var<storage, read> router: array<Packed>;
@group(1) @binding(3) var<storage, read> bias: array<f32>;
@group(1) @binding(4) var<storage, read_write> x: array<f32>;
@group(1) @binding(5) var<storage, read_write> normed: array<f32>;
@group(1) @binding(6) var<storage, read_write> chosen: array<u32>;
@group(1) @binding(7) var<storage, read_write> weights: array<f32>;

var<workgroup> scores: array<f32, experts>;
var<workgroup> best: array<f32, experts>;

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= token_count() || sleeping()) { return; }
  let at = row * p.hidden;
  var squares = 0.0;
  for (var k = lane; k < p.hidden; k += lanes) { squares += x[at + k] * x[at + k]; }
  let scale = 1.0 / sqrt(reduce_sum(squares, lane) / f32(p.hidden) + p.epsilon);
  for (var k = lane; k < p.hidden; k += lanes) { normed[at + k] = x[at + k] * scale * norm[k]; }
  storageBarrier();
  workgroupBarrier();

  var own_highest = -3.0e38;
  for (var expert = lane; expert < experts; expert += lanes) {
    var score = 0.0;
    for (var pack = 0u; pack < p.stride; pack++) {
      let w = unpack(router[expert * p.stride + pack]);
      for (var i = 0u; i < 4u; i++) {
        let k = pack * 4u + i;
        if (k < p.hidden) { score += normed[at + k] * w[i]; }
      }
    }
    scores[expert] = score;
    own_highest = max(own_highest, score);
  }
  let highest = reduce_max(own_highest, lane);
  var own_total = 0.0;
  for (var expert = lane; expert < experts; expert += lanes) {
    scores[expert] = exp(scores[expert] - highest);
    own_total += scores[expert];
  }
  let total = reduce_sum(own_total, lane);
  for (var expert = lane; expert < experts; expert += lanes) {
    var share = scores[expert] / total;
    if (has_bias) { share += bias[expert]; }
    scores[expert] = share;
  }
  workgroupBarrier();

  for (var expert = lane; expert < experts; expert += lanes) {
    let score = scores[expert];
    var rank = 0u;
    for (var other = 0u; other < experts; other++) {
      if (scores[other] > score || (scores[other] == score && other < expert)) { rank++; }
    }
    if (rank < p.top_k) {
      chosen[row * p.top_k + rank] = expert;
      best[rank] = score;
    }
  }
  workgroupBarrier();
  var mass = 1.0;
  if (normalize) {
    mass = 0.0;
    for (var rank = 0u; rank < p.top_k; rank++) { mass += best[rank]; }
  }
  for (var rank = lane; rank < p.top_k; rank += lanes) { weights[row * p.top_k + rank] = best[rank] / mass; }
}
