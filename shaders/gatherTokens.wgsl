// include: step
// include: request
override lanes: u32;
// include: reduce
// include: weights
// The logits of the tokens that a decoder's kernel has listed at a wanted row, for its next step: MAX_GATHERED_TOKENS a row.
// A workgroup a row and token; most rows list none. Runs once for each shard of the head. Bound by latency.
struct Params { in_features: u32, stride: u32, first: u32, last: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> weight: array<Packed>;
@group(1) @binding(2) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(3) var<storage, read> memory: array<u32>;
@group(1) @binding(4) var<storage, read_write> x: array<f32>;
@group(1) @binding(5) var<storage, read_write> gathered: array<f32>;
// include: headLogit

@compute @workgroup_size(lanes)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let row = group.x;
  let entry = group.y;
  if (row >= step_row_count()) { return; }
  let request = rows[row].request;
  if (request == NONE) { return; }
  // What a position lists before a block's first step is another block's.
  if (!has(request, REQUEST_FLAG_GATHERS) || request_block_step(request) == 0u) { return; }
  let at = (span_base(request_span(request)) + rows[row].position) * POSITION_MEMORY_WORDS;
  if (entry >= memory[at + POSITION_MEMORY_TOKEN_COUNT]) { return; }
  let token = memory[at + POSITION_MEMORY_TOKENS + entry];
  if (token < p.first || token >= p.last) { return; }
  let logit = head_logit(row, token, lane);
  if (lane == 0u) { gathered[row * MAX_GATHERED_TOKENS + entry] = logit; }
}
