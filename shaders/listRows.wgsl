// include: step
// include: request
// The wanted rows of each request, where the device decides: what is still undecided in the block (with smoothing, in the
// whole window: what its rows predict), and for decoders that edit the block's generated positions. Ascending, without gaps; the rest of the
// request's rows are marked as none. A workgroup a request; bound by latency.
@group(1) @binding(1) var<storage, read> flags: array<u32>;
@group(1) @binding(2) var<storage, read_write> rows: array<vec4<u32>>;

var<workgroup> before: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let request = group.x;
  let state = state_of(request);
  if (state == NONE) { return; }
  let first = first_row(request);
  let limit = row_limit(request);
  let span = span_at(request_word(request, 2u));
  let guiding = request_word(request, 10u);
  let shift = request_word(request, 3u);
  let start = request_word(request, 15u);
  let end = request_word(request, 16u);
  let live = awake(state);
  // With a shift, rows predict the positions behind them; position 0 is predicted by its own.
  let predicted = select(span.start + shift, 0u, span.start == 0u);
  let width = span.end + shift - predicted;
  // Each lane takes a run of positions, so that the order is kept.
  let run = (width + 255u) / 256u;
  var own = 0u;
  for (var i = lane * run; i < min(width, (lane + 1u) * run); i++) {
    if (live && is_wanted(request, span, predicted + i, start, end)) { own++; }
  }
  before[lane] = own;
  workgroupBarrier();
  var at = 0u;
  for (var other = 0u; other < lane; other++) { at += before[other]; }
  let total = select(0u, at + own, lane == 255u);
  for (var i = lane * run; i < min(width, (lane + 1u) * run); i++) {
    let position = predicted + i;
    if (!live || !is_wanted(request, span, position, start, end)) { continue; }
    if (at < limit) {
      var other = NONE;
      let offset = max(position, shift) - shift - span.start;
      if (guiding != NONE) { other = span_at(guiding).row + offset; }
      rows[first + at] = vec4<u32>(span.row + offset, other, request, position);
    }
    at++;
  }
  if (lane == 255u) { set_control(state_at(state, 10u), min(total, limit)); }
  storageBarrier();
  workgroupBarrier();
  var count = 0u;
  for (var other = 0u; other < 256u; other++) { count += before[other]; }
  for (var i = count + lane; i < limit; i += 256u) { rows[first + i] = vec4<u32>(0u, NONE, NONE, 0u); }
}

fn is_wanted(request: u32, span: Span, position: u32, start: u32, end: u32) -> bool {
  let at = span.base + position;
  let inside = position >= start && position < end;
  if ((flags[at] & 4u) != 0u) { return inside || (has(request, WANTS_MIXTURE) && position < span.visible); }
  return inside && has(request, WANTS_KNOWN) && (flags[at] & 2u) != 0u;
}
