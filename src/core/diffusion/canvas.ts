/** The initial state of a sequence: its tokens, its undecided positions, and the order of its blocks. */
import { DiffusionError } from "../error.ts";

/** Positions [start, end). */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A block or sub-block, the unit of decoding. */
export interface SubBlock extends Range {
  /** The block that contains the sub-block. Cache policies work on blocks. The sub-blocks of a block are consecutive. */
  readonly block: Range;
}

export interface Canvas {
  /** The input of the model. An undecided position holds the mask token, or another initial token of the model's. */
  readonly tokens: readonly number[];
  /** By position: 1 if the token is to be decided, 0 if it is given. The tokens themselves do not tell. */
  readonly undecided: Uint8Array;
  /** The sub-blocks in the order of decoding. They contain every undecided position of the answer. */
  readonly blocks: readonly SubBlock[];
  /** The positions of the answer. The last block may extend beyond them, to the next block boundary of the mask. */
  readonly answer: Range;
}

export interface GenerationLayout {
  readonly prompt: readonly number[];
  readonly genLength: number;
  readonly blockLength: number;
  readonly maskToken: number;
  /** Width of the blocks of the attention mask; Infinity for a bidirectional model. */
  readonly maskBlock: number;
  /** A position at which a block of the mask starts. */
  readonly origin: number;
  /** Bidirectional models: whether blocks start at multiples of their length instead of at the prompt's end. */
  readonly alignBlocksToGrid: boolean;
  /** Block-causal models: whether the last block ends with the answer instead of at a block boundary of the mask. */
  readonly trimLastBlock: boolean;
  /** Width of the sub-blocks in which a block is decoded, one after the other; null decodes a block as a whole. */
  readonly subBlockLength: number | null;
  /** Whether the first token of a block is predicted from the positions before the block, in a sub-block of its own. */
  readonly seeded: boolean;
  /** The token at the answer's last position, given from the start; undefined for none. */
  readonly endToken: number | undefined;
}

/**
 * A canvas with a prompt followed by masks. For bidirectional models, blocks start at the prompt's end and the last block may
 * be shorter. For block-causal models, blocks are those of the mask, so the first one may start inside the prompt and the
 * last one extends beyond the answer.
 * @throws DiffusionError `invalid-request` if the prompt contains the mask token, or `blockLength` is not that of the mask
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
    const message = `Cannot generate as the prompt must not contain the mask token ${maskToken}: found it at position ${at}`;
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
    blocks.push(...subBlocksOf(block, layout));
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
 * Extends a filled canvas by `genLength` undecided positions in new blocks, as if the answer so far were part of the prompt.
 * Bidirectional models only.
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

/** The canvas with an answer of at most `length` tokens. Positions after the answer stay undecided. */
export function shortenedCanvas(canvas: Canvas, length: number): Canvas {
  const { start } = canvas.answer;
  const end = Math.min(canvas.answer.end, start + length);
  const blocks = canvas.blocks.filter((block) => block.start < end);
  return { ...canvas, blocks, answer: { start, end } };
}

/** The sub-blocks of a block that contain undecided positions of the answer, in order. */
function subBlocksOf(block: Range, layout: GenerationLayout): readonly SubBlock[] {
  const { prompt, genLength, subBlockLength, seeded } = layout;
  const subBlocks: SubBlock[] = [];
  // Positions before this one are given or belong to an earlier sub-block.
  let open = Math.max(block.start, prompt.length);
  if (seeded && open === block.start && open > 0) {
    open++;
    subBlocks.push({ start: block.start, end: open, block });
  }
  const width = subBlockLength ?? block.end - block.start;
  for (let start = block.start; start < block.end; start += width) {
    const end = Math.min(start + width, block.end);
    if (Math.max(start, open) < Math.min(end, prompt.length + genLength))
      subBlocks.push({ start, end, block });
  }
  return subBlocks;
}
