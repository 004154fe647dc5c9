/** Rows of logits that are difficult for decoders: ties, near-ties, minus infinity, extreme values, certainty. */

/** A generator of random numbers in [0, 1): Mulberry32. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A hash of four numbers, for random choices that do not depend on the order of calls. */
export function hash(a: number, b: number, c: number, d: number): number {
  let mixed = 0x9e3779b9;
  for (const value of [a, b, c, d]) {
    mixed = Math.imul(mixed ^ value, 0x85ebca6b);
    mixed ^= mixed >>> 13;
    mixed = Math.imul(mixed, 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
}

type Fill = (next: () => number) => number;
const normal: Fill = (next) => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const fills: readonly Fill[] = [
  (next) => normal(next),
  (next) => 4 * normal(next),
  // Ties, also of the best token.
  (next) => Math.floor(3 * next()),
  // Near-ties: some of them are equal in f32.
  (next) => 10 + 1e-6 * Math.floor(4 * next()),
  (next) => (next() < 0.5 ? Number.NEGATIVE_INFINITY : normal(next)),
  (next) => (next() < 0.3 ? 3e38 : -3e38) * next(),
  (next) => (next() < 0.2 ? 60 : -60),
  () => 0,
];
/** Logits of a row's peak, from uncertain to certain. */
const peaks = [0.5, 1, 2, 3, 4, 6, 10, 40, 120];

/** @param vocabulary at least 3 */
export function hardRow(next: () => number, vocabulary: number, maskToken: number): Float32Array {
  const kind = Math.floor(next() * (fills.length + 4));
  const row = new Float32Array(vocabulary);
  const fill = fills[kind] ?? ((n: () => number) => 0.3 * normal(n));
  for (let token = 0; token < vocabulary; token++) row[token] = fill(next);
  const other = (token: number) => (token === maskToken ? (token + 1) % vocabulary : token);
  if (kind >= fills.length) {
    row[other(Math.floor(next() * vocabulary))] = peaks[Math.floor(next() * peaks.length)]!;
  }
  // At least one token except the mask is possible. The mask itself is often the best.
  const possible = other(Math.floor(next() * vocabulary));
  if (row[possible] === Number.NEGATIVE_INFINITY) row[possible] = -1;
  return row;
}

/** A row similar to a model's: no ties and never certain, so blocks take many steps. */
export function softRow(next: () => number, vocabulary: number): Float32Array {
  const scale = 0.5 + 1.5 * next();
  return Float32Array.from({ length: vocabulary }, () => scale * normal(next));
}

/** `count` rows with small differences, like those of a position from step to step. Their best tokens vary. */
export function driftingRows(next: () => number, count: number, vocabulary: number): readonly Float32Array[] {
  const base = softRow(next, vocabulary);
  return Array.from({ length: count }, () => base.map((logit) => logit + 0.5 * normal(next)));
}
