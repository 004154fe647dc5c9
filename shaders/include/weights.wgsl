// include: packs
// The matrix `weight` by packs, that is four consecutive elements of a row, of which a row has `p.stride`.
/// Where a row begins.
fn weight_row(row: u32) -> u32 { return row * p.stride; }
/// A pack of the row that begins at `start`.
fn weight_pack(start: u32, pack: u32) -> vec4<f32> { return unpack(weight[start + pack]); }
fn weight_at(row: u32, pack: u32) -> vec4<f32> { return weight_pack(weight_row(row), pack); }
