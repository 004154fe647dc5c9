// The descriptor of the current step, and the control buffer: the state of the batch's rows, which the device keeps
// from step to step while it decides. All kernels include this file.
@group(0) @binding(0) var<uniform> step: array<vec4<u32>, DESCRIPTOR_WORDS / 4u>;
fn step_word(at: u32) -> u32 { return step[at / 4u][at % 4u]; }
// include: layout
// include: control

/// The index of the span that holds a token of the pass. Spans are few: a linear search.
fn span_of_token(token: u32) -> u32 {
  var index = 0u;
  while (index + 1u < step_span_count() && span_first_token(index + 1u) <= token) { index++; }
  return index;
}

/// A field of a row's state.
fn row_state(row: u32, field: u32) -> u32 { return control_word(BATCH_STATE_WORDS + row * ROW_STATE_WORDS + field); }

/// Whether no row of the batch has work left: then the step changes nothing.
fn batch_done() -> bool { return control_word(BATCH_STATE_ACTIVE_ROWS) == 0u; }
/// Whether a row has work left; a row without state (NONE) has, as the host decides for it.
fn row_active(row: u32) -> bool { return row == NONE || row_state(row, ROW_STATE_ACTIVE) != 0u; }
