/** Runs a few nodes on a backend through the trait, as the engine would. */
import type { BackendFactory } from "../../../src/core/index.ts";
import {
  type Backend,
  type HeadRequest,
  type PassStatistics,
  type Plan,
  PlanBuilder,
  type QuantizedDType,
  type Span,
  type TensorId,
  tokenBuckets,
  type WeightEntry,
} from "../../../src/core/tensor/index.ts";

/** Types of matrices beside f32. */
export type StoredDType = QuantizedDType | "bf16";

export interface Weight {
  readonly shape: readonly number[];
  /** The values that the backend computes with: those that the stored bytes stand for. */
  readonly data: Float32Array;
  /** The type and the bytes of a matrix that is not in f32. */
  readonly dtype?: StoredDType;
  readonly blocks?: Uint8Array;
}

const dtypeOf = ({ dtype }: Weight) => dtype ?? "f32";

export interface Experiment {
  readonly weights: Readonly<Record<string, Weight>>;
  /** Width of the embedding, which feeds every experiment: token t is its row t. */
  readonly hidden: number;
  /** Nodes after the embedding. What is to be read is a boundary or a cache. */
  body(b: PlanBuilder, x: TensorId, weight: (symbol: string) => TensorId): void;
  head?(b: PlanBuilder, weight: (symbol: string) => TensorId): void;
  /** Tokens of each slot. */
  readonly slots: readonly (readonly number[])[];
  /** A span's slot is the index of its tokens in `slots`. */
  readonly spans: readonly Span[];
  readonly requests?: readonly HeadRequest[];
  /** The `step` of all requests of the first pass, if it is not their own. */
  readonly earlierStep?: number | undefined;
}

export interface Outcome<Name extends string> {
  /** What was read, by name. */
  readonly values: Readonly<Record<Name, Float32Array>>;
  readonly statistics: PassStatistics;
}

/** Gaps between the slots, so that a wrong base is noticed. */
const gap = 3;

/** Where a slot of an experiment begins in the pool. */
export function slotBase(slots: Experiment["slots"], slot: number): number {
  return slots.slice(0, slot).reduce((sum, tokens) => sum + tokens.length + gap, gap);
}

/** The token that stands in the first pass where `token` stands in the second. */
export const earlierToken = (token: number, rows: number) => (token + 1) % rows;

/**
 * Runs the experiment twice: the first pass, over other tokens, leaves its values everywhere.
 * @param names boundaries and caches to be read
 */
export async function run<Name extends string = never>(
  factory: BackendFactory,
  experiment: Experiment,
  ...names: readonly Name[]
): Promise<Outcome<Name>> {
  const backend = await factory();
  try {
    const statistics = await submitTwice(backend, experiment);
    const values: Partial<Record<Name, Float32Array>> = {};
    for (const name of names) values[name] = await backend.read(name);
    return { statistics, values: values as Record<Name, Float32Array> };
  } finally {
    await backend.dispose();
  }
}

async function submitTwice(backend: Backend, experiment: Experiment): Promise<PassStatistics> {
  const { slots, spans, weights } = experiment;
  const tokens = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const positions = slotBase(slots, slots.length);
  const capacity = { tokens: tokens + 2, rows: tokens + 2, positions };
  const plans = {
    body: bodyPlan(experiment, capacity),
    head: headPlan(experiment, capacity),
    buckets: tokenBuckets(capacity.tokens),
  };
  const entries = Object.entries(weights).map(([symbol, weight]) => entryOf(symbol, weight));
  await backend.load(entries, plans);
  await backend.prepare(plans);
  for (const [slot, slotTokens] of slots.entries()) {
    await backend.openSlot({ slot, base: slotBase(slots, slot), length: slotTokens.length });
  }
  const requests = experiment.requests ?? [];
  const rows = weights["embedding"]!.shape[0]!;
  const write = (tokenOf: (token: number) => number) =>
    backend.commit(
      slots.map((all, slot) => ({ slot, positions: [...all.keys()], tokens: all.map(tokenOf) })),
    );
  await write((token) => earlierToken(token, rows));
  const { earlierStep } = experiment;
  const earlier = requests.map((request) => ({ ...request, step: earlierStep ?? request.step }));
  await backend.submit({ spans, head: earlier });
  await write((token) => token);
  return backend.submit({ spans, head: requests });
}

type Capacity = Plan["capacity"];

function weightOf(b: PlanBuilder, { weights }: Experiment): (symbol: string) => TensorId {
  return (symbol) => b.weight(symbol, weights[symbol]!.shape, dtypeOf(weights[symbol]!));
}

function bodyPlan(experiment: Experiment, capacity: Capacity): Plan {
  const b = new PlanBuilder("body", capacity);
  const weight = weightOf(b, experiment);
  const x = b.boundary("x", ["tokens", experiment.hidden]);
  b.node("embed", "embed", { weight: weight("embedding") }, { x }, { hidden: experiment.hidden });
  experiment.body(b, x, weight);
  return b.build();
}

function headPlan(experiment: Experiment, capacity: Capacity): Plan {
  const b = new PlanBuilder("head", capacity);
  experiment.head?.(b, weightOf(b, experiment));
  return b.build();
}

function entryOf(symbol: string, weight: Weight): WeightEntry {
  const { shape, data, blocks } = weight;
  const bytes = blocks ?? new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const dtype = dtypeOf(weight);
  const source = {
    name: symbol,
    size: bytes.length,
    read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  return {
    symbol,
    shape,
    dtype,
    fusedGateUp: symbol === "gateUp" && shape.length === 2,
    pieces: [{ source, offset: 0, bytes: bytes.length, dtype, tensor: symbol }],
  };
}
