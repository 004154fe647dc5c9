/**
 * Rotary positions beyond the context that a model was trained on: how each angle's speed changes.
 * Source: transformers, modeling_rope_utils; YaRN: arXiv 2309.00071, section 3; llama3: Llama 3.1's modelling file.
 */
export type RopeScaling = LinearScaling | Llama3Scaling | YarnScaling;

/** Every angle turns `factor` times as slowly. */
export interface LinearScaling {
  readonly kind: "linear";
  readonly factor: number;
}

/** Slow angles turn `factor` times as slowly, fast ones as before, those between by a mixture of both. */
export interface Llama3Scaling {
  readonly kind: "llama3";
  readonly factor: number;
  /** An angle with fewer turns in the original context than this is slow, and one with more than the second is fast. */
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  /** Positions of the context that the model was trained on first. */
  readonly originalContext: number;
}

/** As llama3, but with the mixture linear in the angle's index; cosines and sines grow by `attentionFactor`. */
export interface YarnScaling {
  readonly kind: "yarn";
  readonly factor: number;
  /** Turns in the original context from which on an angle is fast, and below which it is slow. */
  readonly betaFast: number;
  readonly betaSlow: number;
  readonly originalContext: number;
  readonly attentionFactor: number;
  /** Whether the bounds of the mixture are rounded to whole indices, outwards. */
  readonly truncate: boolean;
}

/** Where a family's rotary positions stand in its heads, and how fast they turn. */
export interface RotaryPositions {
  /** Elements of each head that are rotated: the first ones. */
  readonly rotaryDimension: number;
  readonly ropeTheta: number;
  readonly ropeScaling?: RopeScaling | undefined;
}

/** Radians a position, of each of the rotaryDimension / 2 angles. */
export function ropeFrequencies({
  rotaryDimension,
  ropeTheta,
  ropeScaling,
}: RotaryPositions): readonly number[] {
  const plain = Array.from(
    { length: rotaryDimension / 2 },
    (_, k) => ropeTheta ** (-(2 * k) / rotaryDimension),
  );
  switch (ropeScaling?.kind) {
    case undefined:
      return plain;
    case "linear":
      return plain.map((frequency) => frequency / ropeScaling.factor);
    case "llama3":
      return plain.map((frequency) => llama3Frequency(frequency, ropeScaling));
    case "yarn": {
      const [low, high] = yarnBounds(rotaryDimension, ropeTheta, ropeScaling);
      return plain.map((frequency, k) => {
        const slow = clamp((k - low) / (high - low));
        return mixture(frequency, ropeScaling.factor, slow);
      });
    }
  }
}

/** What cosines and sines are multiplied by. */
export function ropeMagnitude({ ropeScaling }: RotaryPositions): number {
  return ropeScaling?.kind === "yarn" ? ropeScaling.attentionFactor : 1;
}

function llama3Frequency(
  frequency: number,
  { factor, lowFrequencyFactor, highFrequencyFactor, originalContext }: Llama3Scaling,
): number {
  const turns = (originalContext * frequency) / (2 * Math.PI);
  const fast = clamp((turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor));
  return mixture(frequency, factor, 1 - fast);
}

/** The indices of angles between which YaRN mixes. */
function yarnBounds(
  rotaryDimension: number,
  theta: number,
  { betaFast, betaSlow, originalContext, truncate }: YarnScaling,
): readonly [low: number, high: number] {
  const indexOfTurns = (turns: number) =>
    (rotaryDimension * Math.log(originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const first = indexOfTurns(betaFast);
  const last = indexOfTurns(betaSlow);
  const low = Math.max(truncate ? Math.floor(first) : first, 0);
  const high = Math.min(truncate ? Math.ceil(last) : last, rotaryDimension - 1);
  return low === high ? [low, high + 0.001] : [low, high];
}

/** @param slow 0 for the frequency as it is, 1 for one that is `factor` times as low */
const mixture = (frequency: number, factor: number, slow: number) =>
  frequency * (1 - slow) + (frequency / factor) * slow;

const clamp = (share: number) => Math.min(1, Math.max(0, share));
