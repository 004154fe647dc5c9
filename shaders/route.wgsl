// include: step
override lanes: u32;
// include: reduce
// include: weights
// RMS norm, router, scores of all experts, and the top_k experts of each token (the lowest index on ties), followed by the
// shared expert. A workgroup a token, a lane an expert; the router's weights come from cache. Bound by latency.
override experts: u32;
override has_bias = false;
override normalize = false;
/// Scores are sigmoids and the bias affects the choice alone; else scores are a softmax and include the bias.
override sigmoid = false;
override groups: u32;
override top_groups: u32;
override has_shared = false;
struct Params { hidden: u32, stride: u32, top_k: u32, epsilon: f32, scale: f32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> norm: array<Columns>;
@group(1) @binding(2) var<storage, read> weight: array<Packed>;
@group(1) @binding(3) var<storage, read> bias: array<f32>;
@group(1) @binding(4) var<storage, read_write> residual: array<Columns>;
/// The normed rows.
@group(1) @binding(5) var<storage, read_write> x: array<Columns>;
@group(1) @binding(6) var<storage, read_write> topk_ids: array<u32>;
@group(1) @binding(7) var<storage, read_write> topk_weights: array<f32>;
// include: columns

const LEAST = -3.0e38;
var<workgroup> scores: array<f32, experts>;
/// Scores that decide the choice.
var<workgroup> biased: array<f32, experts>;
var<workgroup> best: array<f32, experts>;
var<workgroup> group_scores: array<f32, groups>;

/// Softmax over all experts.
fn softmax_scores(lane: u32) {
  var own_highest = LEAST;
  for (var expert = lane; expert < experts; expert += lanes) { own_highest = max(own_highest, scores[expert]); }
  let highest = reduce_max(own_highest, lane);
  var own_total = 0.0;
  for (var expert = lane; expert < experts; expert += lanes) {
    scores[expert] = exp(scores[expert] - highest);
    own_total += scores[expert];
  }
  let total = reduce_sum(own_total, lane);
  for (var expert = lane; expert < experts; expert += lanes) { scores[expert] = scores[expert] / total; }
}

/// Masks the experts of all but the best groups. The score of a group is the sum of its two best experts.
fn mask_groups(lane: u32) {
  let size = experts / groups;
  for (var group = lane; group < groups; group += lanes) {
    var first = LEAST;
    var second = LEAST;
    for (var i = 0u; i < size; i++) {
      let score = biased[group * size + i];
      second = max(second, min(first, score));
      first = max(first, score);
    }
    group_scores[group] = first + select(second, 0.0, size == 1u);
  }
  workgroupBarrier();
  for (var expert = lane; expert < experts; expert += lanes) {
    let group = expert / size;
    var rank = 0u;
    for (var other = 0u; other < groups; other++) {
      if (group_scores[other] > group_scores[group] || (group_scores[other] == group_scores[group] && other < group)) { rank++; }
    }
    if (rank >= top_groups) { biased[expert] = LEAST; }
  }
  workgroupBarrier();
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_token_count()) { return; }
  let width = p.hidden / in_columns;
  let at = row * width;
  let ranks = p.top_k + select(0u, 1u, has_shared);
  var squares = 0.0;
  for (var k = lane; k < width; k += lanes) { squares += squares_of(residual[at + k]); }
  let scale = 1.0 / sqrt(reduce_sum(squares, lane) / f32(p.hidden) + p.epsilon);
  for (var k = lane; k < width; k += lanes) { x[at + k] = residual[at + k] * scale * norm[k]; }
  storageBarrier();
  workgroupBarrier();

  for (var expert = lane; expert < experts; expert += lanes) {
    var score = 0.0;
    let start = weight_row(expert);
    for (var pack = 0u; pack < p.stride; pack++) {
      score += dot(x_pack(at, pack, p.hidden), weight_pack(start, pack));
    }
    if (sigmoid) { score = 1.0 / (1.0 + exp(min(-score, 80.0))); }
    scores[expert] = score;
  }
  if (!sigmoid) { softmax_scores(lane); }
  for (var expert = lane; expert < experts; expert += lanes) {
    var score = scores[expert];
    if (has_bias) { score += bias[expert]; }
    biased[expert] = score;
    if (!sigmoid) { scores[expert] = score; }
  }
  workgroupBarrier();
  if (top_groups < groups) { mask_groups(lane); }

  for (var expert = lane; expert < experts; expert += lanes) {
    let score = biased[expert];
    var rank = 0u;
    for (var other = 0u; other < experts; other++) {
      if (biased[other] > score || (biased[other] == score && other < expert)) { rank++; }
    }
    if (rank < p.top_k) {
      topk_ids[row * ranks + rank] = expert;
      best[rank] = scores[expert];
    }
  }
  workgroupBarrier();
  var factor = p.scale;
  if (normalize) {
    var mass = 0.0;
    for (var rank = 0u; rank < p.top_k; rank++) { mass += best[rank]; }
    // Avoids a division by 0 if all sigmoids are 0.
    factor = p.scale / (mass + 1.0e-20);
  }
  for (var rank = lane; rank < p.top_k; rank += lanes) { topk_weights[row * ranks + rank] = best[rank] * factor; }
  if (has_shared && lane == 0u) {
    topk_ids[row * ranks + p.top_k] = experts;
    topk_weights[row * ranks + p.top_k] = 1.0;
  }
}
