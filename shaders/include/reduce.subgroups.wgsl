enable subgroups;
// Sums and maxima over a workgroup through subgroups: the order depends on the device alone.
var<workgroup> reduce_scratch: array<f32, lanes>;

fn reduce_sum(value: f32, lane: u32) -> f32 {
  reduce_scratch[lane] = 0.0;
  workgroupBarrier();
  let own = subgroupAdd(value);
  // The lowest lane of each subgroup has its place to itself, whatever the size of subgroups.
  let first = subgroupMin(lane);
  if (first == lane) { reduce_scratch[lane] = own; }
  workgroupBarrier();
  var total = 0.0;
  for (var index = 0u; index < lanes; index += 4u) { total += reduce_scratch[index]; }
  workgroupBarrier();
  return total;
}

fn reduce_max(value: f32, lane: u32) -> f32 {
  reduce_scratch[lane] = -3.0e38;
  workgroupBarrier();
  let own = subgroupMax(value);
  let first = subgroupMin(lane);
  if (first == lane) { reduce_scratch[lane] = own; }
  workgroupBarrier();
  var highest = -3.0e38;
  for (var index = 0u; index < lanes; index += 4u) { highest = max(highest, reduce_scratch[index]); }
  workgroupBarrier();
  return highest;
}
