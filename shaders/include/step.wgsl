// The descriptor of the current step. All kernels include this file but planStep.wgsl, which writes the descriptor.
@group(0) @binding(0) var<uniform> step: array<vec4<u32>, DESCRIPTOR_WORDS / 4u>;
fn step_word(at: u32) -> u32 { return step[at / 4u][at % 4u]; }
// include: layout

/// The index of the span that holds a token of the pass. Spans are few: a linear search.
fn span_of_token(token: u32) -> u32 {
  var index = 0u;
  while (index + 1u < step_span_count() && span_first_token(index + 1u) <= token) { index++; }
  return index;
}
