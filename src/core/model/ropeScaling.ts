/**
 * Scaling of rotary positions beyond the context of the training: the change of each angle's frequency.
 * Source: transformers, modeling_rope_utils; YaRN: arXiv 2309.00071, section 3; llama3: Llama 3.1's modelling file.
 */
export type RopeScaling = DivisorScaling | LinearScaling | Llama3Scaling | YarnScaling;

/** Divides each frequency by a number of its own: GGUF files have Llama 3's scaling in this form. */
export interface DivisorScaling {
  readonly kind: "divisors";
  /** rotaryDimension / 2 positive numbers. */
  readonly divisors: readonly number[];
}

/** Divides all frequencies by `factor`. */
export interface LinearScaling {
  readonly kind: "linear";
  readonly factor: number;
}

/** Divides low frequencies by `factor`, keeps high ones, and interpolates between. */
export interface Llama3Scaling {
  readonly kind: "llama3";
  readonly factor: number;
  /** Frequencies with fewer turns in the original context are low. */
  readonly lowFrequencyFactor: number;
  /** Frequencies with more turns in the original context are high. */
  readonly highFrequencyFactor: number;
  /** Positions of the original training context. */
  readonly originalContext: number;
}

/** As llama3, but interpolates linearly in the angle's index, and multiplies cosines and sines by `attentionFactor`. */
export interface YarnScaling {
  readonly kind: "yarn";
  readonly factor: number;
  /** Turns in the original context from which on a frequency is high. */
  readonly betaFast: number;
  /** Turns in the original context below which a frequency is low. */
  readonly betaSlow: number;
  readonly originalContext: number;
  readonly attentionFactor: number;
  /** Whether the bounds of the interpolation are rounded outwards to whole indices. */
  readonly truncate: boolean;
}

/** The rotary positions of a model. */
export interface RotaryPositions {
  /** The number of rotated elements at the start of each head. */
  readonly rotaryDimension: number;
  readonly ropeTheta: number;
  readonly ropeScaling?: RopeScaling | undefined;
}

/** The frequencies of the rotaryDimension / 2 angles, in radians per position. */
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
    case "divisors":
      return plain.map((frequency, k) => frequency / ropeScaling.divisors[k]!);
    case "linear":
      return plain.map((frequency) => frequency / ropeScaling.factor);
    case "llama3":
      return plain.map((frequency) => llama3Frequency(frequency, ropeScaling));
    case "yarn": {
      const [low, high] = yarnBounds(rotaryDimension, ropeTheta, ropeScaling);
      return plain.map((frequency, k) => {
        const slow = clamp((k - low) / (high - low));
        return interpolated(frequency, ropeScaling.factor, slow);
      });
    }
  }
}

/** What the frequencies of a model are divided by, in the order of the angles. */
export function ropeDivisors(positions: RotaryPositions): readonly number[] {
  const scaled = ropeFrequencies(positions);
  return ropeFrequencies({ ...positions, ropeScaling: undefined }).map((plain, k) => plain / scaled[k]!);
}

/** The factor of cosines and sines. */
export function ropeMagnitude({ ropeScaling }: RotaryPositions): number {
  return ropeScaling?.kind === "yarn" ? ropeScaling.attentionFactor : 1;
}

function llama3Frequency(
  frequency: number,
  { factor, lowFrequencyFactor, highFrequencyFactor, originalContext }: Llama3Scaling,
): number {
  const turns = (originalContext * frequency) / (2 * Math.PI);
  const fast = clamp((turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor));
  return interpolated(frequency, factor, 1 - fast);
}

/** The indices of angles between which YaRN interpolates. */
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

/** @param slow 0 for the unchanged frequency, 1 for the frequency divided by `factor` */
const interpolated = (frequency: number, factor: number, slow: number) =>
  frequency * (1 - slow) + (frequency / factor) * slow;

const clamp = (value: number) => Math.min(1, Math.max(0, value));
