// Parameters and bindings of the kernels that read all logits of a row, which exist for a chunk of rows at a time.
struct Params { vocabulary: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<WantedRow>;
@group(1) @binding(2) var<storage, read> forbidden: array<u32>;
@group(1) @binding(3) var<storage, read_write> logits: array<f32>;
// include: forbidden

/// Sets the logits of the mask token and of forbidden tokens, and logits of minus infinity, to LOWEST. The row's logits
/// begin at `at`. All lanes see the result; a second call changes nothing.
fn exclude(row: u32, at: u32, lane: u32) {
  let mask_token = request_mask_token(rows[row].request);
  let check = has(rows[row].request, REQUEST_FLAG_FORBIDDEN);
  for (var token = lane; token < p.vocabulary; token += lanes) {
    if (token == mask_token || (check && is_forbidden(row, token)) || is_minus_infinity(logits[at + token])) {
      logits[at + token] = LOWEST;
    }
  }
  storageBarrier();
  workgroupBarrier();
}
