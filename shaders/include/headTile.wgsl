// Parameters and bindings of the kernels over tiles of wanted rows and of the vocabulary.
/// A dispatch computes wanted rows [first_row, row_limit), so that its parts have a bounded size.
struct Params { in_features: u32, stride: u32, first: u32, last: u32, tile: u32, tiles: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(3) var<storage, read> forbidden: array<u32>;
@group(1) @binding(4) var<storage, read_write> x: array<Columns>;
// include: columns
// include: tile
// include: logitTile
// include: forbidden

/// Rows of the workgroup's tile.
var<private> tile_first: u32;
var<private> tile_end: u32;
