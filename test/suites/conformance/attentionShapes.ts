/** The shapes that qkv and attention are tested on: heads, types, masks, and the spans over some slots. */
import type { CacheDType, Span } from "../../../src/core/tensor/index.ts";
import type { StoredDType } from "./harness.ts";
import { wholeSpan } from "./wholeSpan.ts";

export interface Shape {
  readonly name: string;
  readonly hidden: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly width: number;
  readonly rotary: number;
  readonly headNorm: boolean;
  readonly bias: boolean;
  readonly cache?: CacheDType;
  /** The type of matrices, if they are quantized. */
  readonly quantized?: StoredDType;
  /** Lengths of the slots, and the spans over them. */
  readonly lengths: readonly number[];
  readonly spans: readonly Span[];
}

const plain = { hidden: 24, heads: 2, kvHeads: 2, width: 8, rotary: 8, headNorm: false, bias: false };
const stored = {
  ...plain,
  hidden: 40,
  heads: 4,
  width: 16,
  rotary: 4,
  headNorm: true,
  quantized: "bf16",
  cache: "f16",
} as const;

/** A whole sequence and, behind it, the shadow of some of its positions. */
function shadowed(slot: number, length: number, twins: number, count: number): readonly Span[] {
  return [wholeSpan(slot, length), { ...wholeSpan(slot, length + count), start: length, shadowOf: twins }];
}

/** A whole sequence and, behind it, branches of the positions [from, to). */
function branched(
  slot: number,
  sequence: Omit<Span, "slot">,
  [from, to]: readonly [number, number],
  count: number,
): readonly Span[] {
  const behind = Array.from({ length: count }, (_, index): Span => {
    const start = sequence.end + index * (to - from);
    return { ...sequence, slot, start, end: start + to - from, branchOf: from };
  });
  return [{ ...sequence, slot }, ...behind];
}

const branchShapes: readonly Shape[] = [
  {
    ...plain,
    name: "a branch of a whole sequence",
    lengths: [12],
    spans: branched(0, wholeSpan(0, 6), [0, 6], 1),
  },
  {
    ...plain,
    name: "branches beside sequences without, grouped heads",
    heads: 6,
    headNorm: true,
    lengths: [17, 11, 38],
    spans: [
      ...branched(0, wholeSpan(0, 9), [3, 7], 2),
      wholeSpan(1, 11),
      ...branched(2, wholeSpan(2, 17), [10, 17], 3),
    ],
  },
  {
    ...plain,
    name: "branches under a block-causal mask",
    lengths: [29],
    spans: branched(0, { ...wholeSpan(0, 14), maskBlock: 4, origin: 2 }, [6, 11], 3),
  },
  {
    ...plain,
    name: "branches whose twins cross tiles and chunks",
    width: 16,
    rotary: 4,
    heads: 4,
    lengths: [273],
    spans: branched(0, wholeSpan(0, 133), [60, 130], 2),
  },
  {
    ...stored,
    name: "branches, bf16, keys and values in f16",
    lengths: [5, 141],
    spans: [...branched(1, wholeSpan(1, 75), [40, 73], 2), wholeSpan(0, 5)],
  },
];

const shadowShapes: readonly Shape[] = [
  { ...plain, name: "a shadow of one position", lengths: [2], spans: shadowed(0, 1, 0, 1) },
  {
    ...plain,
    name: "shadows beside sequences without, grouped heads",
    heads: 6,
    headNorm: true,
    lengths: [13, 11, 24],
    spans: [...shadowed(0, 9, 3, 4), wholeSpan(1, 11), ...shadowed(2, 17, 10, 7)],
  },
  {
    ...plain,
    name: "shadows whose twins cross tiles and chunks",
    width: 16,
    rotary: 4,
    heads: 4,
    lengths: [203],
    spans: shadowed(0, 133, 60, 70),
  },
  {
    ...stored,
    name: "shadows, bf16, keys and values in f16",
    lengths: [5, 108],
    spans: [...shadowed(1, 75, 40, 33), wholeSpan(0, 5)],
  },
];

export const shapes: readonly Shape[] = [
  { ...plain, name: "one token", lengths: [1], spans: [wholeSpan(0, 1)] },
  { ...plain, name: "bidirectional", lengths: [17], spans: [wholeSpan(0, 17)] },
  { ...plain, name: "grouped heads", heads: 6, kvHeads: 2, lengths: [9], spans: [wholeSpan(0, 9)] },
  { ...plain, name: "head norms", headNorm: true, lengths: [9], spans: [wholeSpan(0, 9)] },
  {
    ...plain,
    name: "biases and half rotation",
    bias: true,
    rotary: 4,
    lengths: [9],
    spans: [wholeSpan(0, 9)],
  },
  {
    ...plain,
    name: "several sequences",
    lengths: [5, 1, 12],
    spans: [wholeSpan(2, 12), wholeSpan(0, 5), wholeSpan(1, 1)],
  },
  {
    ...plain,
    name: "causal, and blocks of 4 on two grids",
    lengths: [7, 11, 13],
    spans: [
      { ...wholeSpan(0, 7), maskBlock: 1 },
      { ...wholeSpan(1, 11), maskBlock: 4 },
      { ...wholeSpan(2, 13), maskBlock: 4, origin: 6 },
    ],
  },
  {
    ...plain,
    name: "keys and values in f16",
    cache: "f16",
    headNorm: true,
    lengths: [5, 23],
    spans: [{ ...wholeSpan(1, 23), maskBlock: 4, origin: 3 }, wholeSpan(0, 5)],
  },
  {
    ...plain,
    name: "wide heads, keys and values in f16",
    cache: "f16",
    width: 20,
    lengths: [9],
    spans: [wholeSpan(0, 9)],
  },
  {
    ...stored,
    name: "bf16, keys and values in f16",
    rotary: 16,
    lengths: [5, 33],
    spans: [{ ...wholeSpan(1, 33), maskBlock: 8, origin: 3 }, wholeSpan(0, 5)],
  },
  {
    ...plain,
    name: "q8_0",
    hidden: 96,
    heads: 3,
    kvHeads: 1,
    width: 10,
    rotary: 10,
    bias: true,
    quantized: "q8_0",
    lengths: [5, 9],
    spans: [wholeSpan(0, 5), wholeSpan(1, 9)],
  },
  {
    ...plain,
    name: "q4_k",
    hidden: 256,
    bias: true,
    quantized: "q4_k",
    lengths: [5, 9],
    spans: [wholeSpan(0, 5), wholeSpan(1, 9)],
  },
  {
    ...plain,
    name: "keys visible to a limit",
    lengths: [16],
    spans: [{ ...wholeSpan(0, 9), visible: 12, maskBlock: 8 }],
  },
  ...shadowShapes,
  ...branchShapes,
];
