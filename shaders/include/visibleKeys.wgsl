// The number of keys, counted from position 0, that a query sees, as in core/tensor/span.ts.
fn visible_keys(span: Span, position: u32) -> u32 {
  if (span.mask_block == 0u) { return span.visible; }
  let block = i32(span.mask_block);
  let distance = i32(position - span.twin_distance) - span.origin;
  // Floor toward minus infinity.
  let index = select(distance / block, -((block - 1 - distance) / block), distance < 0);
  return u32(clamp(span.origin + (index + 1) * block, 0, i32(span.visible)));
}

/// The key that a query does not see although it is visible: that of its twin, if the span is a shadow.
fn hidden_key(span: Span, position: u32) -> u32 {
  return select(position - span.twin_distance, NONE, span.twin_distance == 0u || span.replaced_keys > 0u);
}

/// The position of the pool where a key of a span lies: that of the branch's own, if it replaces a twin's.
fn key_place(span: Span, key: u32) -> u32 {
  let is_replaced = key - (span.start - span.twin_distance) < span.replaced_keys;
  return span.base + key + select(0u, span.twin_distance, is_replaced);
}
