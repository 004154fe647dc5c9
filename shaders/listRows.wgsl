// include: step
// include: control
// include: request
// Lists the wanted rows of each request, where the device decides: undecided positions of the block (with soft embeddings, of
// the whole window that the rows predict), and for decoders that edit, generated positions of the block. Rows ascend
// by position without gaps; the rest of the request's rows have no request. A workgroup a request; bound by latency.
@group(1) @binding(1) var<storage, read> flags: array<u32>;
@group(1) @binding(2) var<storage, read_write> rows: array<WantedRow>;

var<workgroup> before: array<u32, 256>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let request = group.x;
  if (request >= step_request_count()) { return; }
  let first = request_first_row(request);
  let limit = request_max_rows(request);
  let span = span_at(request_span(request));
  let guidance_span = request_guidance_span(request);
  let shift = request_shift(request);
  // With a shift, a row predicts the position behind it; position 0 is predicted by its own row.
  let predicted = select(span.start + shift, 0u, span.start == 0u);
  let width = span.end + shift - predicted;
  // Each lane takes a run of positions, so that the order is kept.
  let run = (width + 255u) / 256u;
  var own = 0u;
  for (var i = lane * run; i < min(width, (lane + 1u) * run); i++) {
    if (is_wanted(request, span, predicted + i)) { own++; }
  }
  before[lane] = own;
  workgroupBarrier();
  var at = 0u;
  for (var other = 0u; other < lane; other++) { at += before[other]; }
  let total = select(0u, at + own, lane == 255u);
  for (var i = lane * run; i < min(width, (lane + 1u) * run); i++) {
    let position = predicted + i;
    if (!is_wanted(request, span, position)) { continue; }
    if (at < limit) {
      var guidance_token = NONE;
      let offset = max(position, shift) - shift - span.start;
      if (guidance_span != NONE) { guidance_token = span_first_token(guidance_span) + offset; }
      rows[first + at] = WantedRow(span.first_token + offset, guidance_token, request, position);
    }
    at++;
  }
  if (lane == 255u) { set_row_state(request_state(request), ROW_STATE_ROW_COUNT, min(total, limit)); }
  storageBarrier();
  workgroupBarrier();
  var count = 0u;
  for (var other = 0u; other < 256u; other++) { count += before[other]; }
  for (var i = count + lane; i < limit; i += 256u) { rows[first + i] = WantedRow(0u, NONE, NONE, 0u); }
}

fn is_wanted(request: u32, span: Span, position: u32) -> bool {
  let at = span.base + position;
  let in_block = position >= request_block_start(request) && position < request_block_end(request);
  if ((flags[at] & POSITION_FLAG_UNDECIDED) != 0u) {
    return in_block || (has(request, REQUEST_FLAG_MIXTURE) && position < span.visible);
  }
  return in_block && has(request, REQUEST_FLAG_KNOWN) && (flags[at] & POSITION_FLAG_EDITABLE) != 0u;
}
