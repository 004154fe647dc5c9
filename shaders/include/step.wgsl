// The step descriptor: what the host says of one pass. Word offsets are those of descriptor.ts.
// `control_word` reads the state of the rows of the batch, which the device keeps while it decides for itself.
@group(0) @binding(0) var<uniform> step: array<vec4<u32>, 768>;
// include: control

const NONE = 0xffffffffu;
fn step_word(at: u32) -> u32 { return step[at / 4u][at % 4u]; }
const SPAN_WORDS = 12u;
const REQUEST_WORDS = 33u;
const ROW_STATE_AT = 16u;
const ROW_STATE_WORDS = 16u;

struct Span {
  row: u32,
  start: u32,
  end: u32,
  base: u32,
  visible: u32,
  mask_block: u32,
  origin: i32,
  state: u32,
  tile: u32,
}

fn token_count() -> u32 { return step_word(0u); }
fn span_count() -> u32 { return step_word(1u); }

fn span_at(index: u32) -> Span {
  let at = step_word(4u) + index * SPAN_WORDS;
  return Span(
    step_word(at), step_word(at + 1u), step_word(at + 2u), step_word(at + 3u), step_word(at + 4u), step_word(at + 5u),
    bitcast<i32>(step_word(at + 6u)), step_word(at + 7u), step_word(at + 8u),
  );
}

/// The span of a token's row; spans are few, so they are looked through.
fn span_of(row: u32) -> Span {
  var index = 0u;
  while (index + 1u < span_count() && step_word(step_word(4u) + (index + 1u) * SPAN_WORDS) <= row) { index++; }
  return span_at(index);
}

fn request_word(request: u32, word: u32) -> u32 { return step_word(step_word(5u) + request * REQUEST_WORDS + word); }
fn request_float(request: u32, word: u32) -> f32 { return bitcast<f32>(request_word(request, word)); }

fn state_at(row: u32, word: u32) -> u32 { return ROW_STATE_AT + row * ROW_STATE_WORDS + word; }

/// Whether no row of the batch has work left: then a step changes nothing.
fn sleeping() -> bool { return control_word(0u) == 0u; }
/// Whether a row (NONE: decided by the host) still has work.
fn awake(state: u32) -> bool { return state == NONE || control_word(state_at(state, 0u)) != 0u; }
