// include: step
// Sorts routed rows by expert (a counting sort) and cuts each expert's rows into tiles of `tile_rows`, so that
// experts.wgsl has work only where there are rows. One workgroup; bound by latency.
// groups: [0] tiles; then 4 words a tile (expert, first, count, 0); then the routed rows, expert by expert. The order
// of an expert's rows is left open: each is computed by itself.
override experts: u32;
override tile_rows: u32;
struct Params { top_k: u32, tiles_at: u32, rows_at: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> chosen: array<u32>;
@group(1) @binding(2) var<storage, read_write> groups: array<u32>;

var<workgroup> counts: array<atomic<u32>, experts>;
var<workgroup> starts: array<u32, experts>;
var<workgroup> tiles: array<u32, experts>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (sleeping()) { return; }
  let routed = token_count() * p.top_k;
  for (var expert = lane; expert < experts; expert += 256u) { atomicStore(&counts[expert], 0u); }
  workgroupBarrier();
  for (var row = lane; row < routed; row += 256u) { atomicAdd(&counts[chosen[row]], 1u); }
  workgroupBarrier();
  if (lane == 0u) {
    var rows = 0u;
    var tile = 0u;
    for (var expert = 0u; expert < experts; expert++) {
      let count = atomicLoad(&counts[expert]);
      starts[expert] = rows;
      tiles[expert] = tile;
      rows += count;
      tile += (count + tile_rows - 1u) / tile_rows;
    }
    groups[0] = tile;
  }
  workgroupBarrier();
  for (var expert = lane; expert < experts; expert += 256u) {
    let count = atomicLoad(&counts[expert]);
    for (var first = 0u; first < count; first += tile_rows) {
      let at = p.tiles_at + (tiles[expert] + first / tile_rows) * 4u;
      groups[at] = expert;
      groups[at + 1u] = starts[expert] + first;
      groups[at + 2u] = min(tile_rows, count - first);
    }
    atomicStore(&counts[expert], 0u);
  }
  workgroupBarrier();
  for (var row = lane; row < routed; row += 256u) {
    let expert = chosen[row];
    groups[p.rows_at + starts[expert] + atomicAdd(&counts[expert], 1u)] = row;
  }
}
