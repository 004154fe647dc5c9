// Sums and maxima over a workgroup, in an order that depends on its size alone.
var<workgroup> reduce_scratch: array<f32, lanes>;

fn reduce_sum(value: f32, lane: u32) -> f32 {
  reduce_scratch[lane] = value;
  workgroupBarrier();
  for (var width = lanes / 2u; width > 0u; width = width / 2u) {
    if (lane < width) { reduce_scratch[lane] += reduce_scratch[lane + width]; }
    workgroupBarrier();
  }
  let total = reduce_scratch[0];
  workgroupBarrier();
  return total;
}

fn reduce_max(value: f32, lane: u32) -> f32 {
  reduce_scratch[lane] = value;
  workgroupBarrier();
  for (var width = lanes / 2u; width > 0u; width = width / 2u) {
    if (lane < width) { reduce_scratch[lane] = max(reduce_scratch[lane], reduce_scratch[lane + width]); }
    workgroupBarrier();
  }
  let highest = reduce_scratch[0];
  workgroupBarrier();
  return highest;
}
