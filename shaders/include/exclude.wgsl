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
