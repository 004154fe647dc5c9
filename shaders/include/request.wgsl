// Questions about a head request of the step.
fn has(request: u32, flag: u32) -> bool { return (request_flags(request) & flag) != 0u; }

/// Decode steps of the sequence so far: counted by the host, or on the device where it decides.
fn sequence_step(request: u32) -> u32 {
  let state = request_state(request);
  if (state == NONE) { return request_sequence_step(request); }
  return row_state(state, ROW_STATE_SEQUENCE_STEP);
}
