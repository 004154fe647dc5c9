// The control buffer, for kernels that only read it.
@group(0) @binding(1) var<storage, read> control: array<u32>;
fn control_word(at: u32) -> u32 { return control[at]; }
