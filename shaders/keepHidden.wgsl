// include: step
// include: request
// For KL(now || before): sets each wanted row's final hidden state beside the one kept in the step before, and keeps
// it for the next. pairs: rows 2i (now) and 2i + 1 (before). A workgroup a row; bound by bytes.
struct Params { width: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read_write> hidden: array<f32>;
@group(1) @binding(3) var<storage, read_write> kept: array<f32>;
/// One more than the step that kept a position's state; 0: none did. Then the step that `pairs` compares with.
@group(1) @binding(4) var<storage, read_write> kept_step: array<u32>;
@group(1) @binding(5) var<storage, read_write> pairs: array<f32>;
@group(1) @binding(6) var<storage, read_write> statistics: array<u32>;
// include: statistics

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_word(2u) || sleeping()) { return; }
  let wanted = rows[row];
  if (wanted.z == NONE) { return; }
  if (!has(wanted.z, WANTS_DIVERGENCE)) { return; }
  let span = span_at(request_word(wanted.z, 2u));
  let at = span.base + wanted.w;
  let own_step = sequence_step(wanted.z);
  for (var k = lane; k < p.width; k += 64u) {
    let now = hidden[row * p.width + k];
    pairs[2u * row * p.width + k] = now;
    pairs[(2u * row + 1u) * p.width + k] = kept[at * p.width + k];
    kept[at * p.width + k] = now;
  }
  if (lane == 0u) {
    let comparable = own_step > 0u && kept_step[at] == own_step;
    // Infinity where there is nothing to compare with; divergenceMerge.wgsl leaves such rows alone.
    statistics[row * STATISTICS_WORDS + STAT_DIVERGENCE] = select(0x7f800000u, 0u, comparable);
    kept_step[at] = own_step + 1u;
  }
}
