// The control buffer: where the rows are for which the device decides. It is kept from submission to submission.
@group(0) @binding(1) var<storage, read_write> control: array<u32>;
fn row_state(row: u32, field: u32) -> u32 { return control[row * ROW_STATE_WORDS + field]; }
fn set_row_state(row: u32, field: u32, value: u32) { control[row * ROW_STATE_WORDS + field] = value; }
