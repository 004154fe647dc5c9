/** What a sequence starts from: its tokens, masks where something is to be generated, and the order of its blocks. */
import { DiffusionError } from "../error.ts";

/** Positions [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Canvas {
  readonly tokens: readonly number[];
  /** In the order in which they are decoded; every masked position is in one of them. */
  readonly blocks: readonly Range[];
  /** Where the answer stands. Blocks may reach beyond it, up to the next line of the grid. */
  readonly answer: Range;
}

export interface GenerationLayout {
  readonly prompt: readonly number[];
  readonly genLength: number;
  readonly blockLength: number;
  readonly maskToken: number;
  /** Width of the model's mask blocks: Infinity is bidirectional. */
  readonly maskBlock: number;
  /** A line of the mask's grid. */
  readonly origin: number;
  /** Bidirectional models: whether blocks start on multiples of their length, not at the prompt's end. */
  readonly align: boolean;
}

/**
 * A prompt and masks behind it. Bidirectional models: blocks from the prompt's end, the last one cut off.
 * Block-causal ones: blocks on the mask's grid, so the first may begin inside the prompt and the last is whole.
 * @throws DiffusionError `invalid-request` if the prompt holds the mask token, or blocks do not fit the mask
 */
export function generationCanvas(layout: GenerationLayout): Canvas {
  const { prompt, genLength, blockLength, maskToken, maskBlock, origin, align } = layout;
  const at = prompt.indexOf(maskToken);
  if (at >= 0) {
    const message = `Cannot generate as the prompt must not hold the mask token ${maskToken}: found it at position ${at}`;
    throw new DiffusionError("invalid-request", message);
  }
  const causal = maskBlock !== Infinity;
  if (causal && blockLength !== maskBlock) {
    const message = `Cannot generate as 'blockLength' must be the model's mask block of ${maskBlock}: found ${blockLength}`;
    throw new DiffusionError("invalid-request", message);
  }
  const grid = causal ? origin : align ? 0 : prompt.length;
  const end = prompt.length + genLength;
  const length = causal ? origin + Math.ceil((end - origin) / blockLength) * blockLength : end;
  const first = grid + Math.floor((prompt.length - grid) / blockLength) * blockLength;
  const blocks: Range[] = [];
  for (let start = first; start < length; start += blockLength) {
    blocks.push({ start: Math.max(0, start), end: Math.min(start + blockLength, length) });
  }
  const tokens = [...prompt, ...Array<number>(length - prompt.length).fill(maskToken)];
  return { tokens, blocks, answer: { start: prompt.length, end } };
}
