// What a decoder decided of a wanted row: a few words each, behind what decoders remember. The decision, then the token,
// its confidence, a key to sort by, and its logit as the model gave it.
const DECISION_WORDS = 5u;
const LEFT_ALONE = 0u;
const COMMITTED = 1u;
const EDITED = 2u;

fn decision_at(row: u32) -> u32 { return p.scratch_at + DECISION_WORDS * row; }
