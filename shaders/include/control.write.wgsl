// The state of each row of the batch, as the kernels see it that decide. Word 0 counts the rows that have work left.
@group(0) @binding(1) var<storage, read_write> control: array<atomic<u32>>;
fn control_word(at: u32) -> u32 { return atomicLoad(&control[at]); }
fn set_control(at: u32, value: u32) { atomicStore(&control[at], value); }
fn row_is_done() { atomicSub(&control[0], 1u); }
