// include: step
// include: weights
// Input embeddings of the pass's tokens: the token's row, or the soft embedding of its position. A workgroup a token, a
// lane four columns. Runs once for each shard of the embedding and writes the tokens of the shard. Bound by bytes:
// 2 * hidden * 4 a token.
struct Params { hidden: u32, stride: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> tokens: array<u32>;
@group(1) @binding(3) var<storage, read> soft: array<f32>;
@group(1) @binding(4) var<storage, read> flags: array<u32>;
@group(1) @binding(5) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  if (row >= step_token_count()) { return; }
  let span = span_at(span_of_token(row));
  let at = span.base + span.start + row - span.first_token;
  let token = tokens[at];
  if (token < p.first || token >= p.last) { return; }
  let is_soft = (flags[at] & POSITION_FLAG_SOFT) != 0u;
  for (var pack = lane; pack < p.stride; pack += 64u) {
    var values = weight_at(token - p.first, pack);
    for (var i = 0u; i < 4u; i++) {
      let column = pack * 4u + i;
      if (column < p.hidden) { x[row * p.hidden + column] = select(values[i], soft[at * p.hidden + column], is_soft); }
    }
  }
}
