import { describe, expect, test } from "vitest";
import { type GenerationLayout, generationCanvas } from "./canvas.ts";

const mask = 99;
const plain: GenerationLayout = {
  prompt: [1, 2, 3],
  genLength: 10,
  blockLength: 4,
  maskToken: mask,
  maskBlock: Infinity,
  origin: 0,
  alignBlocksToGrid: false,
  trimLastBlock: false,
  subBlockLength: null,
  seeded: false,
  endToken: undefined,
};
const canvas = (layout: Partial<GenerationLayout>) => generationCanvas({ ...plain, ...layout });
const ranges = (layout: Partial<GenerationLayout>) =>
  canvas(layout).blocks.map(({ start, end }) => [start, end]);
const prompt = (length: number) => Array.from({ length }, (_, index) => index + 1);

test("bidirectional: blocks start at the prompt's end, and the last one is shorter", () => {
  expect(ranges({})).toEqual([
    [3, 7],
    [7, 11],
    [11, 13],
  ]);
  expect(canvas({}).blocks.every(({ start, end, block }) => block.start === start && block.end === end)).toBe(
    true,
  );
});

describe("block-causal", () => {
  const causal = { maskBlock: 4 };
  test("blocks are those of the mask, and the last one is whole", () => {
    expect(ranges(causal)).toEqual([
      [0, 4],
      [4, 8],
      [8, 12],
      [12, 16],
    ]);
    expect(canvas(causal).tokens).toHaveLength(16);
    expect(canvas(causal).answer).toEqual({ start: 3, end: 13 });
  });
  test("with trimLastBlock, the last block ends with the answer", () => {
    expect(ranges({ ...causal, trimLastBlock: true, origin: 3 })).toEqual([
      [3, 7],
      [7, 11],
      [11, 13],
    ]);
    expect(canvas({ ...causal, trimLastBlock: true, origin: 3 }).tokens).toHaveLength(13);
  });
});

describe("sub-blocks", () => {
  const layout = { maskBlock: 4, subBlockLength: 2 };
  test("sub-blocks inside the prompt or after the answer are omitted", () => {
    const { blocks } = canvas({ ...layout, genLength: 7 });
    expect(blocks).toEqual([
      { start: 2, end: 4, block: { start: 0, end: 4 } },
      { start: 4, end: 6, block: { start: 4, end: 8 } },
      { start: 6, end: 8, block: { start: 4, end: 8 } },
      { start: 8, end: 10, block: { start: 8, end: 12 } },
    ]);
  });
  test("the last sub-block is shorter if the width does not divide the block", () => {
    expect(ranges({ ...layout, subBlockLength: 3, genLength: 5 })).toEqual([
      [3, 4],
      [4, 7],
      [7, 8],
    ]);
  });
  test("bidirectional models have sub-blocks too", () => {
    expect(ranges({ subBlockLength: 3, genLength: 4 })).toEqual([
      [3, 6],
      [6, 7],
    ]);
  });
});

describe("seeded blocks", () => {
  const seeded = { maskBlock: 4, seeded: true, subBlockLength: 2 };
  test("the first position of every block after the prompt is a sub-block of its own", () => {
    expect(ranges({ ...seeded, genLength: 9 })).toEqual([
      [2, 4],
      [4, 5],
      [4, 6],
      [6, 8],
      [8, 9],
      [8, 10],
      [10, 12],
    ]);
  });
  test("a block at the prompt's end is seeded, a block at the sequence's start is not", () => {
    expect(ranges({ ...seeded, prompt: prompt(4), genLength: 4 })).toEqual([
      [4, 5],
      [4, 6],
      [6, 8],
    ]);
    expect(ranges({ ...seeded, prompt: [], genLength: 4 })).toEqual([
      [0, 2],
      [2, 4],
    ]);
  });
  test("an answer that ends at a seed has no further sub-block of that block", () => {
    expect(ranges({ ...seeded, prompt: prompt(4), genLength: 5 }).at(-1)).toEqual([8, 9]);
    expect(canvas({ ...seeded, prompt: prompt(4), genLength: 5 }).tokens).toHaveLength(12);
  });
});

test("the end token is at the last position of the answer", () => {
  const { tokens, answer } = canvas({ endToken: 7 });
  expect(tokens.slice(answer.start)).toEqual([...Array(9).fill(mask), 7]);
});

test("a mask token in the prompt and a wrong block length are refused", () => {
  expect(() => canvas({ prompt: [1, mask] })).toThrow(
    /must not contain the mask token 99: found it at position 1/,
  );
  expect(() => canvas({ maskBlock: 8 })).toThrow(/must be the model's mask block of 8: found 4/);
});
