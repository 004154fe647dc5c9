// include: step
// Sorts routed rows by expert (a counting sort) and divides each expert's rows into tiles of `tile_rows`, so that
// experts.wgsl computes experts with rows only. One workgroup; bound by latency.
// The rows lie behind the list of tiles, expert by expert. The order of an expert's rows is open: each row is computed
// by itself.
override experts: u32;
override tile_rows: u32;
struct Params { top_k: u32, rows_at: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read_write> topk_ids: array<u32>;
@group(1) @binding(2) var<storage, read_write> groups: array<u32>;

var<workgroup> counts: array<atomic<u32>, experts>;
var<workgroup> starts: array<u32, experts>;
var<workgroup> tiles: array<u32, experts>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  let routed = step_token_count() * p.top_k;
  for (var expert = lane; expert < experts; expert += 256u) { atomicStore(&counts[expert], 0u); }
  workgroupBarrier();
  for (var row = lane; row < routed; row += 256u) { atomicAdd(&counts[topk_ids[row]], 1u); }
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
    groups[EXPERT_GROUPS_TILE_COUNT] = tile;
  }
  workgroupBarrier();
  for (var expert = lane; expert < experts; expert += 256u) {
    let count = atomicLoad(&counts[expert]);
    for (var first = 0u; first < count; first += tile_rows) {
      let at = EXPERT_GROUPS_WORDS + (tiles[expert] + first / tile_rows) * EXPERT_TILE_WORDS;
      groups[at + EXPERT_TILE_EXPERT] = expert;
      groups[at + EXPERT_TILE_FIRST_ROW] = starts[expert] + first;
      groups[at + EXPERT_TILE_ROW_COUNT] = min(tile_rows, count - first);
    }
    atomicStore(&counts[expert], 0u);
  }
  workgroupBarrier();
  for (var row = lane; row < routed; row += 256u) {
    let expert = topk_ids[row];
    groups[p.rows_at + starts[expert] + atomicAdd(&counts[expert], 1u)] = row;
  }
}
