// Rows whose logits are held for a moment, and what they are read with.
struct Params { vocabulary: u32, first_row: u32, row_limit: u32 }
@group(1) @binding(0) var<uniform> p: Params;
@group(1) @binding(1) var<storage, read> rows: array<vec4<u32>>;
@group(1) @binding(2) var<storage, read> forbidden: array<u32>;
@group(1) @binding(3) var<storage, read_write> logits: array<f32>;
// include: forbidden

// Excludes from a row's logits, which lie from `at` on, the mask token, forbidden tokens and minus infinity: once done,
// again changes nothing. All lanes see it then.
fn exclude(row: u32, at: u32, lane: u32) {
  let masked = mask_token(rows[row].z);
  let check = has(rows[row].z, HAS_FORBIDDEN);
  for (var token = lane; token < p.vocabulary; token += lanes) {
    if (token == masked || (check && is_forbidden(row, token)) || is_minus_infinity(logits[at + token])) {
      logits[at + token] = LOWEST;
    }
  }
  storageBarrier();
  workgroupBarrier();
}
