/**
 * The credits of a block. Each offset has a list of the tokens that were the arg-max there, in order of first appearance. A
 * step adds at most one token to each list, and a block of n positions takes at most n steps, so a list has at most n tokens.
 * All lists start with the same small capacity and grow together.
 */
export interface CreditState {
  /** Capacity of each list. The list of an offset starts at entry offset * capacity. */
  capacity: number;
  readonly counts: Uint32Array;
  tokens: Uint32Array;
  credits: Float32Array;
}

const initialCapacity = 4;

export function startCredits(length: number): CreditState {
  const capacity = Math.min(initialCapacity, length);
  return {
    capacity,
    counts: new Uint32Array(length),
    tokens: new Uint32Array(length * capacity),
    credits: new Float32Array(length * capacity),
  };
}

/** Bytes of a block's state. */
export function creditBytes({ counts, tokens, credits }: CreditState): number {
  return counts.byteLength + tokens.byteLength + credits.byteLength;
}

/** The tokens that have credit at an offset. */
export function creditedTokens({ capacity, counts, tokens }: CreditState, offset: number): readonly number[] {
  const start = offset * capacity;
  return Array.from(tokens.subarray(start, start + counts[offset]!));
}

/** Multiplies the credits at an offset by `decay`, then adds `amount` to a token's; all in f32. */
export function giveCredit(
  state: CreditState,
  offset: number,
  token: number,
  amount: number,
  decay: number,
): void {
  const count = state.counts[offset]!;
  if (count === state.capacity) grow(state);
  const start = offset * state.capacity;
  const end = start + count;
  const factor = Math.fround(decay);
  let at = end;
  for (let entry = start; entry < end; entry++) {
    state.credits[entry] = state.credits[entry]! * factor;
    if (state.tokens[entry] === token) at = entry;
  }
  if (at === end) {
    // A new entry. Unused entries have the credit 0.
    state.tokens[at] = token;
    state.counts[offset] = count + 1;
  }
  state.credits[at] = state.credits[at]! + Math.fround(amount);
}

/** Doubles the capacity of every list, but not beyond the block's length unless that is already reached. */
function grow(state: CreditState): void {
  const { capacity, counts, tokens, credits } = state;
  const length = counts.length;
  const doubled = 2 * capacity;
  const next = capacity < length ? Math.min(doubled, length) : doubled;
  state.capacity = next;
  state.tokens = new Uint32Array(length * next);
  state.credits = new Float32Array(length * next);
  for (let offset = 0; offset < length; offset++) {
    const start = offset * capacity;
    const end = start + counts[offset]!;
    state.tokens.set(tokens.subarray(start, end), offset * next);
    state.credits.set(credits.subarray(start, end), offset * next);
  }
}
