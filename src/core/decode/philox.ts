/**
 * Philox 4x32-10: a counter-based random generator. A key and a counter determine the numbers, so they are the same on every
 * backend and in every batch. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */

/** Independent streams of one seed. */
export const RandomStream = { token: 0, order: 1 } as const;

function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** Computes four unsigned 32-bit numbers from a counter of four words and a key of two words, and writes them to `out`. */
export function philox(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let c0 = counter0 >>> 0;
  let c1 = counter1 >>> 0;
  let c2 = counter2 >>> 0;
  let c3 = counter3 >>> 0;
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd2511f53, c0);
    const low0 = Math.imul(0xd2511f53, c0) >>> 0;
    const high1 = multiplyHigh(0xcd9e8d57, c2);
    const low1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

const block = new Uint32Array(4);

/** A number uniform in (0, 1), never 0 or 1. For `RandomStream.token`, `index` is the token. */
export function uniform(seed: number, stream: number, position: number, step: number, index: number): number {
  philox(position, step, index >>> 2, stream, seed, 0, block);
  return (block[index & 3]! + 0.5) / 2 ** 32;
}

/** Standard Gumbel noise, -ln(-ln U), of a token at a position in a step. */
export function gumbel(seed: number, position: number, step: number, token: number): number {
  return -Math.log(-Math.log(uniform(seed, RandomStream.token, position, step, token)));
}
