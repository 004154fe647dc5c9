// include: step
// include: request
// include: numbers
// For KL(now || before): copies each wanted row's final hidden state to `paired`, row 2i, and that of the step before to row
// 2i + 1; then keeps the new one for the next step. A workgroup a row; bound by bytes.
struct Params { width: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read_write> hidden: array<f32>;
@group(1) @binding(3) var<storage, read_write> kept: array<f32>;
/// By position: one more than the step whose state is kept; 0 if none is.
@group(1) @binding(4) var<storage, read_write> kept_step: array<u32>;
@group(1) @binding(5) var<storage, read_write> paired: array<f32>;
@group(1) @binding(6) var<storage, read_write> statistics: array<Statistics>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_row_count()) { return; }
  let request = rows[row].request;
  if (request == NONE) { return; }
  if (!has(request, REQUEST_FLAG_DIVERGENCE)) { return; }
  let at = span_base(request_span(request)) + rows[row].position;
  let own_step = request_sequence_step(request);
  for (var k = lane; k < p.width; k += 64u) {
    let now = hidden[row * p.width + k];
    paired[2u * row * p.width + k] = now;
    paired[(2u * row + 1u) * p.width + k] = kept[at * p.width + k];
    kept[at * p.width + k] = now;
  }
  if (lane == 0u) {
    let comparable = own_step > 0u && kept_step[at] == own_step;
    // Infinity without a state of the step before; divergenceMerge.wgsl skips such rows.
    statistics[row].divergence = bitcast<f32>(select(INFINITY_BITS, 0u, comparable));
    kept_step[at] = own_step + 1u;
  }
}
