// The logit of a token at a wanted row, computed by all lanes of a workgroup.
fn head_logit(row: u32, token: u32, lane: u32) -> f32 {
  var sum = 0.0;
  for (var pack = lane; pack < p.stride; pack += lanes) {
    let w = weight_at(token - p.first, pack);
    for (var i = 0u; i < 4u; i++) {
      let k = pack * 4u + i;
      if (k < p.in_features) { sum += x[row * p.in_features + k] * w[i]; }
    }
  }
  return reduce_sum(sum, lane);
}
