/** Tokens of positions: letters, as one rival takes its prompt as text. */
export const idsOf = (count, shift = 0) =>
  Array.from(
    { length: count },
    (_, position) => 97 + ((position * 7 + ((position * position) % 11) + shift) % 26),
  );
