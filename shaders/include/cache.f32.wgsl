// The K/V pool in f32. Rows are written in pairs of elements; the second one may lie beyond the head.
alias Cached = f32;
fn key_at(at: u32) -> f32 { return keys[at]; }
fn value_at(at: u32) -> f32 { return values[at]; }
fn put_keys(at: u32, pair: vec2<f32>, both: bool) {
  keys[at] = pair.x;
  if (both) { keys[at + 1u] = pair.y; }
}
fn put_values(at: u32, pair: vec2<f32>, both: bool) {
  values[at] = pair.x;
  if (both) { values[at + 1u] = pair.y; }
}
