// For decoders that make no steps on a block without masks: such a block is done.
fn is_block_done(b: Block, edits: u32) -> bool { return true; }
