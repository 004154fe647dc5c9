// include: gateValues
fn gate_tile(a: Sums, b: Sums) -> Sums {
  return Sums(gate(a.row0, b.row0), gate(a.row1, b.row1), gate(a.row2, b.row2), gate(a.row3, b.row3));
}
