/**
 * A tiny model whose result is known. It has every op, a product that hardware splits (524 columns), weights in bf16, f16 and f32, and two sequences, one of them with a
 * block-causal mask. Its weights are multiples of 1/16: every dtype holds these exactly, so the result does not depend on the
 * dtypes.
 */
import { type Architecture, buildPlans, ropeTable, weightSpecs } from "../../../core/model/index.ts";
import {
  type Capacity,
  f32ToF16,
  type HeadRequest,
  type ModelPlans,
  plainRouting,
  type Span,
  type WeightEntry,
  type WeightSpec,
} from "../../../core/tensor/index.ts";

const architecture: Architecture = {
  vocabulary: 90,
  hidden: 36,
  heads: 4,
  kvHeads: 2,
  headDimension: 16,
  rotaryDimension: 16,
  ropeTheta: 10000,
  epsilon: 1e-6,
  context: 32,
  queryKeyNorm: true,
  qkvBias: true,
  tied: false,
  feedForward: [
    { kind: "dense", intermediate: 524 },
    {
      kind: "experts",
      experts: 5,
      topK: 2,
      intermediate: 20,
      bias: false,
      routing: { ...plainRouting, normalize: true },
    },
    {
      kind: "experts",
      experts: 6,
      topK: 2,
      intermediate: 20,
      bias: true,
      routing: { score: "sigmoid", groups: 3, topGroups: 2, normalize: true, scale: 2.5, shared: 1 },
    },
  ],
};

/** Names of checkpoint tensors; empty, as the weights are not read from a checkpoint. */
const names = {
  embedding: "",
  finalNorm: "",
  head: "",
  layer: () => ({
    attentionNorm: "",
    query: "",
    key: "",
    value: "",
    output: "",
    feedForwardNorm: "",
  }),
};

const lengths = [21, 9] as const;

/** Sequences of the test. */
export interface Sequences {
  /** By slot. */
  readonly lengths: readonly number[];
  readonly spans: readonly Span[];
  readonly capacity: Capacity;
}

/** The sequences whose result is known, and the first one `copies` times behind them, so that a pass has many rows. */
export function sequences(copies: number): Sequences {
  const all = [...lengths, ...Array<number>(copies).fill(lengths[0])];
  const tokens = all.reduce((sum, length) => sum + length, 0);
  return {
    lengths: all,
    spans: all.map((length, slot) => {
      return {
        slot,
        start: 0,
        end: length,
        visible: length,
        maskBlock: slot === 1 ? 4 : Infinity,
        origin: 0,
      };
    }),
    capacity: { tokens: tokens + 2, rows: 16, positions: tokens + 2 * all.length },
  };
}
const commonRequest = {
  shift: 0,
  maskToken: 4,
  step: 0,
  sampling: { temperature: 0, topK: 0, topP: 1, seed: 0 },
} as const;
export const head: readonly HeadRequest[] = [
  { ...commonRequest, span: 0, positions: [0, 7, 13, 20] },
  { ...commonRequest, span: 1, positions: [3, 8] },
];

/** The tokens of the sequence in a slot. */
export function tokensOf(slot: number): readonly number[] {
  const own = slot < lengths.length ? slot : 0;
  return Array.from(
    { length: lengths[own]! },
    (_, at) => pseudoRandom(at + 100 * own) % architecture.vocabulary,
  );
}

/**
 * The result for each wanted row, as computed by the CPU backend: the token, its logit, and the log-sum-exp of all logits
 * minus that logit.
 */
export const answer: readonly (readonly [token: number, bestLogit: number, logSumExp: number])[] = [
  [57, 4.44844, 1.73558],
  [57, 5.08122, 1.11444],
  [76, 5.59154, 0.81138],
  [33, 4.2525, 1.7497],
  [1, 3.02164, 2.44968],
  [36, 6.8377, 0.38765],
];

export function plans(capacity: Capacity): ModelPlans {
  return buildPlans(architecture, entries(), capacity, "f32");
}

export function entries(): readonly WeightEntry[] {
  return [...weightSpecs(architecture, names).map(entryOf), ropeTable(architecture.context, architecture)];
}

const dtypes = ["bf16", "f16", "f32"] as const;

function entryOf({ symbol, shape, fusedGateUp }: WeightSpec, index: number): WeightEntry {
  const dtype = shape.length > 1 ? dtypes[index % dtypes.length]! : "f32";
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  const isNorm = symbol.endsWith("Norm");
  const words = dtype === "f32" ? new Uint32Array(count) : new Uint16Array(count);
  for (let at = 0; at < count; at++) {
    const sixteenths = (pseudoRandom(at + 7919 * (index + 1)) % 15) - 7;
    words[at] = encode(isNorm ? 16 + sixteenths : sixteenths, dtype);
  }
  const bytes = new Uint8Array(words.buffer);
  const source = {
    name: symbol,
    size: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  const piece = { source, offset: 0, bytes: bytes.length, dtype, tensor: symbol };
  return { symbol, shape, dtype, ...(fusedGateUp && { fusedGateUp }), pieces: [piece] };
}

/** Number `index` of a fixed pseudo-random sequence. */
function pseudoRandom(index: number): number {
  return (Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(index + 13, 0x85ebca6b)) >>> 9;
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);
/** Bits of k/16, which every dtype holds without rounding. */
function encode(sixteenths: number, dtype: (typeof dtypes)[number]): number {
  if (dtype === "f16") return f32ToF16(sixteenths / 16);
  floats[0] = sixteenths / 16;
  return dtype === "bf16" ? bits[0]! >>> 16 : bits[0]!;
}
