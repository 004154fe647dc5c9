// A block without masks is over.
fn is_settled(b: Block, edits: u32) -> bool { return true; }
