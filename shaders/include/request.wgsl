// Questions about a head request of the step.
fn has(request: u32, flag: u32) -> bool { return (request_flags(request) & flag) != 0u; }
