// Tokens that may not stand at a row: (where, how many) a row, then the tokens.
fn is_forbidden(row: u32, token: u32) -> bool {
  let at = forbidden[row * 2u];
  for (var i = 0u; i < forbidden[row * 2u + 1u]; i++) {
    if (forbidden[at + i] == token) { return true; }
  }
  return false;
}
