/** What a sequence starts from: its tokens, which positions are undecided, and the order of its blocks. */
import { DiffusionError } from "../error.ts";

/** Positions [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A block or sub-block, the unit of decoding. */
export interface SubBlock extends Range {
  /** The whole block, which caches go by. The sub-blocks of one block follow each other. */
  readonly block: Range;
}

export interface Canvas {
  /** What the model sees: an undecided position holds the mask token, or whatever the model starts from there. */
  readonly tokens: readonly number[];
  /** By position: 1 where the token is to be decided, 0 where it is given. Progress goes by this alone. */
  readonly undecided: Uint8Array;
  /** In the order of decoding; every undecided position of the answer is in one of them. */
  readonly blocks: readonly SubBlock[];
  /** The answer's positions. Blocks may reach beyond them, up to the next line of the grid. */
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
  readonly alignBlocksToGrid: boolean;
  /** Block-causal models: whether the last block ends with the answer, not on the grid. */
  readonly trimLastBlock: boolean;
  /** Width of the parts of a block, which are decoded one after the other; null: a block is one. */
  readonly subBlockLength: number | null;
  /** Whether a block's first token is decided before the block is looked at, by what lies before it. */
  readonly seeded: boolean;
  /** Stands at the answer's last position from the start. */
  readonly endToken: number | undefined;
}

/**
 * A prompt and masks behind it. Bidirectional models: blocks from the prompt's end, the last one cut off.
 * Block-causal ones: blocks on the mask's grid, so the first may begin inside the prompt and the last is whole.
 * @throws DiffusionError `invalid-request` if the prompt holds the mask token, or blocks do not fit the mask
 */
export function generationCanvas(layout: GenerationLayout): Canvas {
  const {
    prompt,
    genLength,
    blockLength,
    maskToken,
    maskBlock,
    origin,
    alignBlocksToGrid,
    trimLastBlock,
    endToken,
  } = layout;
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
  const grid = causal ? origin : alignBlocksToGrid ? 0 : prompt.length;
  const end = prompt.length + genLength;
  const length =
    causal && !trimLastBlock ? origin + Math.ceil((end - origin) / blockLength) * blockLength : end;
  const first = grid + Math.floor((prompt.length - grid) / blockLength) * blockLength;
  const blocks: SubBlock[] = [];
  for (let start = first; start < length; start += blockLength) {
    const block = { start: Math.max(0, start), end: Math.min(start + blockLength, length) };
    blocks.push(...partsOf(block, layout));
  }
  const tokens = [...prompt, ...Array<number>(length - prompt.length).fill(maskToken)];
  const undecided = new Uint8Array(length).fill(1, prompt.length);
  if (endToken !== undefined) {
    tokens[end - 1] = endToken;
    undecided[end - 1] = 0;
  }
  return { tokens, undecided, blocks, answer: { start: prompt.length, end } };
}

/**
 * A filled canvas with `genLength` undecided positions behind its answer, in blocks of their own, as if the answer so far
 * were a prompt. Bidirectional models.
 */
export function extendedCanvas(
  canvas: Canvas,
  tokens: ArrayLike<number>,
  layout: Omit<GenerationLayout, "prompt">,
): Canvas {
  const { blocks, answer } = canvas;
  const more = generationCanvas({ ...layout, prompt: Array.from(tokens).slice(0, answer.end) });
  return {
    tokens: more.tokens,
    undecided: more.undecided,
    blocks: [...blocks, ...more.blocks],
    answer: { start: answer.start, end: more.answer.end },
  };
}

/** The canvas with an answer of at most `length` tokens: positions behind the answer stay undecided. */
export function shortened(canvas: Canvas, length: number): Canvas {
  const { start } = canvas.answer;
  const end = Math.min(canvas.answer.end, start + length);
  const blocks = canvas.blocks.filter((block) => block.start < end);
  return { ...canvas, blocks, answer: { start, end } };
}

/** The parts of a block that have something to decide for the answer, in order. */
function partsOf(block: Range, layout: GenerationLayout): readonly SubBlock[] {
  const { prompt, genLength, subBlockLength, seeded } = layout;
  const parts: SubBlock[] = [];
  // Positions before this one are known, or another part's to decide.
  let open = Math.max(block.start, prompt.length);
  if (seeded && open === block.start && open > 0) {
    open++;
    parts.push({ start: block.start, end: open, block });
  }
  const width = subBlockLength ?? block.end - block.start;
  for (let start = block.start; start < block.end; start += width) {
    const end = Math.min(start + width, block.end);
    if (Math.max(start, open) < Math.min(end, prompt.length + genLength)) parts.push({ start, end, block });
  }
  return parts;
}
