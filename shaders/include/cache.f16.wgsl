// The K/V pool in f16, two elements a word, so that each lane writes whole words. The width of a head is even. Values beyond
// the largest finite f16 are clamped to it.
alias Cached = u32;
const HIGHEST_F16 = vec2<f32>(65504.0);
fn packed_pair(pair: vec2<f32>) -> u32 { return pack2x16float(clamp(pair, -HIGHEST_F16, HIGHEST_F16)); }
fn key_at(at: u32) -> f32 { return unpack2x16float(keys[at / 2u])[at % 2u]; }
fn value_at(at: u32) -> f32 { return unpack2x16float(values[at / 2u])[at % 2u]; }
fn put_keys(at: u32, pair: vec2<f32>, both: bool) { keys[at / 2u] = packed_pair(pair); }
fn put_values(at: u32, pair: vec2<f32>, both: bool) { values[at / 2u] = packed_pair(pair); }
