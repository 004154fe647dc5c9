// Tokens that may not stand at the position of a wanted row: forbiddenTables.ts says what the words are.
fn is_forbidden(row: u32, token: u32) -> bool {
  let table = request_word(rows[row].z, 30u);
  let offset = rows[row].w - forbidden[table];
  if (offset >= forbidden[table + 1u]) { return false; }
  let entry = table + 2u + 2u * offset;
  let at = forbidden[entry];
  for (var i = 0u; i < forbidden[entry + 1u]; i++) {
    if (forbidden[at + i] == token) { return true; }
  }
  return false;
}
