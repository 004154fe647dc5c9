/** The tokens of a sequence while it is decoded, and which of its positions are undecided. */
export interface DecodedTokens {
  readonly tokens: Uint32Array;
  /** By position: 1 until a token is committed there. */
  readonly undecided: Uint8Array;
}

/** The undecided positions of [start, end), ascending. */
export function undecidedPositions(undecided: Uint8Array, start: number, end: number): readonly number[] {
  const positions: number[] = [];
  for (let position = start; position < end; position++)
    if (undecided[position] === 1) positions.push(position);
  return positions;
}
