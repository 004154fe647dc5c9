/**
 * Scales of blocks with the least squared error. The scale that just covers the largest value is rarely the best one: a
 * smaller one clips a value or two and rounds all others more finely. Each candidate fixes the integers; the scale is then the
 * least-squares fit to them. The candidates are those of ggml's quantizers.
 */

/** Candidates on either side of the scale that covers all values, and their distance in steps. */
const symmetricCandidates = 8;
const affineCandidates = 10;
const distance = 0.1;

/**
 * The scale for values that are scale times an integer of [-levels, levels).
 * @returns 0 for a block of zeros; negative if the largest magnitude is that of a positive value, as -levels is one step more
 */
export function symmetricScale(values: Float32Array, start: number, count: number, levels: number): number {
  let extreme = 0;
  for (let i = start; i < start + count; i++) {
    if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
  }
  if (extreme === 0) return 0;
  let bestGain = 0;
  let best = extreme / -levels;
  for (let candidate = -symmetricCandidates; candidate <= symmetricCandidates; candidate++) {
    const inverse = -(levels + distance * candidate) / extreme;
    let products = 0;
    let squares = 0;
    for (let i = start; i < start + count; i++) {
      const value = values[i]!;
      let step = Math.floor(value * inverse + 0.5);
      if (step < -levels) step = -levels;
      else if (step >= levels) step = levels - 1;
      products += value * step;
      squares += step * step;
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

/**
 * Scale and minimum for values that are scale times an integer of [0, levels], less the minimum. Errors are weighted by the
 * value's magnitude and the block's root mean square, as large weights matter more.
 */
export function affineScale(values: Float32Array, start: number, count: number, levels: number): AffineScale {
  const end = start + count;
  let low = 0;
  let high = -Infinity;
  let squared = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    low = Math.min(low, value);
    high = Math.max(high, value);
    squared += value * value;
  }
  if (high === low) return { scale: 0, minimum: -low };
  const base = Math.sqrt(squared / count);
  let best: AffineScale = { scale: (high - low) / levels, minimum: -low };
  let bestError = Infinity;
  for (let candidate = -affineCandidates; candidate <= affineCandidates; candidate++) {
    const fit = affineFit(values, start, end, {
      low,
      base,
      inverse: (levels + distance * candidate) / (high - low),
      levels,
    });
    if (fit && fit.error < bestError) {
      bestError = fit.error;
      best = fit;
    }
  }
  return best;
}

interface Candidate {
  readonly low: number;
  readonly base: number;
  readonly inverse: number;
  readonly levels: number;
}

/** The weighted least-squares fit to the integers that a candidate gives, and its error. */
function affineFit(
  values: Float32Array,
  start: number,
  end: number,
  { low, base, inverse, levels }: Candidate,
): (AffineScale & { readonly error: number }) | undefined {
  let weights = 0;
  let steps = 0;
  let stepSquares = 0;
  let sums = 0;
  let products = 0;
  let squares = 0;
  for (let i = start; i < end; i++) {
    const value = values[i]!;
    let step = Math.floor((value - low) * inverse + 0.5);
    if (step > levels) step = levels;
    const weight = base + Math.abs(value);
    weights += weight;
    steps += weight * step;
    stepSquares += weight * step * step;
    sums += weight * value;
    products += weight * step * value;
    squares += weight * value * value;
  }
  const determinant = weights * stepSquares - steps * steps;
  if (!(determinant > 0)) return undefined;
  let scale = (weights * products - sums * steps) / determinant;
  let offset = (stepSquares * sums - steps * products) / determinant;
  if (offset > 0) {
    offset = 0;
    scale = products / stepSquares;
  }
  // Sum of weight · (scale · step + offset - value)², multiplied out.
  const error =
    squares +
    scale * scale * stepSquares +
    offset * offset * weights +
    2 * scale * offset * steps -
    2 * scale * products -
    2 * offset * sums;
  return { scale, minimum: -offset, error };
}
