// Tokens that may not stand at the position of a wanted row.
fn is_forbidden(row: u32, token: u32) -> bool {
  let table = request_forbidden_at(rows[row].request);
  let index = rows[row].position - forbidden[table + FORBIDDEN_TABLE_FIRST_POSITION];
  if (index >= forbidden[table + FORBIDDEN_TABLE_POSITION_COUNT]) { return false; }
  let list = table + FORBIDDEN_TABLE_WORDS + FORBIDDEN_LIST_WORDS * index;
  let at = forbidden[list + FORBIDDEN_LIST_TOKENS_AT];
  let count = forbidden[list + FORBIDDEN_LIST_TOKEN_COUNT];
  for (var i = 0u; i < count; i++) {
    if (forbidden[at + i] == token) { return true; }
  }
  return false;
}
