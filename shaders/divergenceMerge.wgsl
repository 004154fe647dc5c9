// include: step
override lanes: u32;
// include: request
// include: numbers
// KL(now || before) of a wanted row, merged from the parts of its two distributions in an order that depends on the
// vocabulary alone. A workgroup a row; bound by the bytes of the parts.
struct Params { tiles: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read_write> parts: array<DivergencePart>;
@group(1) @binding(3) var<storage, read_write> statistics: array<Statistics>;

var<workgroup> merged: array<DivergencePart, lanes>;

fn merge(a: DivergencePart, b: DivergencePart) -> DivergencePart {
  let highest = max(a.highest, b.highest);
  let before = max(a.highest_before, b.highest_before);
  let own = exp(a.highest - highest);
  let other = exp(b.highest - highest);
  return DivergencePart(
    highest, a.mass * own + b.mass * other, a.moved * own + b.moved * other, before,
    a.mass_before * exp(a.highest_before - before) + b.mass_before * exp(b.highest_before - before),
  );
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_row_count(), p.row_limit)) { return; }
  let request = rows[row].request;
  if (request == NONE) { return; }
  if (!has(request, REQUEST_FLAG_DIVERGENCE)) { return; }
  let run = (p.tiles + lanes - 1u) / lanes;
  var part = DivergencePart(LOWEST, 0.0, 0.0, LOWEST, 0.0);
  for (var tile = lane * run; tile < min(p.tiles, (lane + 1u) * run); tile++) {
    part = merge(part, parts[group.x * p.tiles + tile]);
  }
  merged[lane] = part;
  workgroupBarrier();
  for (var width = 1u; width < lanes; width = width * 2u) {
    if (lane % (2u * width) == 0u) { merged[lane] = merge(merged[lane], merged[lane + width]); }
    workgroupBarrier();
  }
  if (lane != 0u) { return; }
  // keepHidden.wgsl has set infinity where there is no distribution of the step before.
  if (bitcast<u32>(statistics[row].divergence) == INFINITY_BITS) { return; }
  let whole = merged[0];
  let shift = whole.highest_before + precise_log(whole.mass_before) - whole.highest - precise_log(whole.mass);
  statistics[row].divergence = max(whole.moved / whole.mass + shift, 0.0);
}
