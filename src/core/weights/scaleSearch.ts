/**
 * Scales of blocks with the least squared error, which is that of a layer's output for inputs without a direction of their own.
 * The scale that just covers the largest value is rarely the best one: a smaller one clips a value or two and rounds all others
 * more finely. Each candidate fixes the integers; the scale is then the least-squares fit to them. The loops count in integers
 * for speed.
 */

/** Candidates on either side of the scale that covers all values, and their distance in steps. */
const symmetricCandidates = 8;
const distance = 0.1;
/** Shares of the range of values that candidates cut off at either end, or add to it. */
const cuts = [-0.02, 0.02, 0.06, 0.1];

/**
 * The scale for values that are scale times an integer of [-levels, levels).
 * @returns 0 for a block of zeros; negative if the largest magnitude is that of a positive value, as -levels is one step more
 */
export function symmetricScale(values: Float32Array, start: number, count: number, levels: number): number {
  const end = start + count;
  let extreme = 0;
  for (let i = start; i < end; i++) {
    if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
  }
  if (extreme === 0) return 0;
  let bestGain = 0;
  let best = extreme / -levels;
  for (let candidate = -symmetricCandidates; candidate <= symmetricCandidates; candidate++) {
    const inverse = -(levels + distance * candidate) / extreme;
    let products = 0;
    let squares = 0;
    for (let i = start; i < end; i++) {
      const value = values[i]!;
      const step = Math.max(-levels, Math.min(levels - 1, Math.floor(value * inverse + 0.5) | 0));
      products += value * step;
      squares = (squares + Math.imul(step, step)) | 0;
    }
    // The squared error of the fit is that of zeros less this gain.
    const gain = squares === 0 ? 0 : (products * products) / squares;
    if (gain > bestGain) {
      bestGain = gain;
      best = products / squares;
    }
  }
  return best;
}

export interface AffineScale {
  readonly scale: number;
  /** What is subtracted; not negative. */
  readonly minimum: number;
}

/** Scale and minimum for values that are scale times an integer of [0, levels], less the minimum. */
export function affineScale(values: Float32Array, start: number, count: number, levels: number): AffineScale {
  const end = start + count;
  let low = 0;
  let high = -Infinity;
  let sum = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
  }
  const range = high - low;
  if (range === 0) return { scale: 0, minimum: -low };
  const block: Block = { values, start, end, sum, levels };
  let best: Fit = { scale: range / levels, minimum: -low, gain: -Infinity };
  for (const below of cuts) {
    for (const above of cuts) {
      const fit = fitTo(
        { scale: (range * (1 - below - above)) / levels, minimum: -low - below * range },
        block,
      );
      if (fit && fit.gain > best.gain) best = fit;
    }
  }
  // The integers that a fit gives are often better ones, which have a fit of their own.
  for (let refit = fitTo(best, block); refit && refit.gain > best.gain; refit = fitTo(best, block))
    best = refit;
  return best;
}

interface Block {
  readonly values: Float32Array;
  readonly start: number;
  readonly end: number;
  /** Of the values. */
  readonly sum: number;
  readonly levels: number;
}

interface Fit extends AffineScale {
  /** The squared error of zeros less that of the fit. */
  readonly gain: number;
}

/** The least-squares fit to the integers that a scale and a minimum give. */
function fitTo({ scale, minimum }: AffineScale, { values, start, end, sum, levels }: Block): Fit | undefined {
  const inverse = 1 / scale;
  const shift = minimum * inverse + 0.5;
  let steps = 0;
  let squares = 0;
  let products = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    const step = Math.max(0, Math.min(levels, (value * inverse + shift) | 0));
    steps = (steps + step) | 0;
    squares = (squares + Math.imul(step, step)) | 0;
    products += value * step;
  }
  const count = end - start;
  const determinant = count * squares - steps * steps;
  if (determinant === 0) return undefined;
  const slope = (count * products - steps * sum) / determinant;
  const offset = (sum - slope * steps) / count;
  if (offset <= 0) return { scale: slope, minimum: -offset, gain: slope * products + offset * sum };
  return { scale: products / squares, minimum: 0, gain: (products * products) / squares };
}
