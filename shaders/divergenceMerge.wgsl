// include: step
override lanes: u32;
// include: request
// include: numbers
// KL(now || before) of a wanted row from the parts of its distributions, in an order that the vocabulary fixes.
// A workgroup a row; bound by the parts' bytes.
struct Params { tiles: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read_write> parts: array<f32>;
@group(1) @binding(3) var<storage, read_write> statistics: array<u32>;
// include: statistics

struct Part { highest: f32, mass: f32, moved: f32, highest_before: f32, mass_before: f32 }
var<workgroup> merged: array<Part, lanes>;

fn merge(a: Part, b: Part) -> Part {
  let highest = max(a.highest, b.highest);
  let before = max(a.highest_before, b.highest_before);
  let own = exp(a.highest - highest);
  let other = exp(b.highest - highest);
  return Part(
    highest, a.mass * own + b.mass * other, a.moved * own + b.moved * other, before,
    a.mass_before * exp(a.highest_before - before) + b.mass_before * exp(b.highest_before - before),
  );
}

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = p.first_row + group.x;
  if (row >= min(step_word(2u), p.row_limit) || sleeping()) { return; }
  let request = rows[row].z;
  if (request == NONE) { return; }
  if (!has(request, WANTS_DIVERGENCE)) { return; }
  let run = (p.tiles + lanes - 1u) / lanes;
  var part = Part(LOWEST, 0.0, 0.0, LOWEST, 0.0);
  for (var tile = lane * run; tile < min(p.tiles, (lane + 1u) * run); tile++) {
    let at = (group.x * p.tiles + tile) * 5u;
    part = merge(part, Part(parts[at], parts[at + 1u], parts[at + 2u], parts[at + 3u], parts[at + 4u]));
  }
  merged[lane] = part;
  workgroupBarrier();
  for (var width = 1u; width < lanes; width = width * 2u) {
    if (lane % (2u * width) == 0u) { merged[lane] = merge(merged[lane], merged[lane + width]); }
    workgroupBarrier();
  }
  if (lane != 0u) { return; }
  let at = row * STATISTICS_WORDS + STAT_DIVERGENCE;
  if (statistics[at] != 0u) { return; }
  let whole = merged[0];
  let shift = whole.highest_before + precise_log(whole.mass_before) - whole.highest - precise_log(whole.mass);
  statistics[at] = bitcast<u32>(max(whole.moved / whole.mass + shift, 0.0));
}
