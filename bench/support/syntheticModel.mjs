// Weights and Plans of a model of given shapes, filled with pseudo-random numbers, for benchmarks of backends.
import { buildPlans, ropeTable, weightSpecs } from "../../dist/core/model/index.js";
import { dtypeBytes, elementCount } from "../../dist/core/tensor/index.js";
import { blockFormats } from "../../dist/core/weights/blocks.js";

const plain = { score: "softmax", groups: 1, topGroups: 1, normalize: false, scale: 1, shared: 0 };
const dense = (count, intermediate) => Array(count).fill({ kind: "dense", intermediate });
const mixture = (count, intermediate) =>
  Array(count).fill({ kind: "experts", experts: 16, topK: 4, intermediate, routing: plain, bias: false });
const common = {
  epsilon: 1e-6,
  ropeTheta: 10000,
  queryKeyNorm: false,
  tied: true,
  headDimension: 64,
  rotaryDimension: 64,
};
const dream = { ...common, hidden: 896, heads: 14, kvHeads: 2, qkvBias: true, feedForward: dense(24, 4864) };
const mixed = {
  ...common,
  hidden: 1024,
  heads: 16,
  kvHeads: 16,
  qkvBias: false,
  feedForward: mixture(16, 512),
};

/** Shapes of a small Dream, of a small mixture, and of the first with the vocabulary that such models have. */
export const shapes = {
  dream: { ...dream, vocabulary: 1024 },
  mixture: { ...mixed, vocabulary: 1024 },
  dreamWithHead: { ...dream, vocabulary: 151936 },
};

/** A source of pseudo-random numbers of a type: the same block again and again. */
function sourceOf(dtype) {
  const count = 2 ** 16;
  let state = 1;
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) * 0.1;
  });
  const bits = new Uint32Array(values.buffer);
  const stored = {
    f32: () => new Uint8Array(values.buffer),
    bf16: () => new Uint8Array(Uint16Array.from(bits, (word) => word >>> 16).buffer),
    // A finite f16 of about the same size: sign, exponent of 2^-5, and ten bits of the fraction.
    f16: () =>
      new Uint8Array(Uint16Array.from(bits, (w) => ((w >>> 16) & 0x8000) | (10 << 10) | (w & 0x3ff)).buffer),
  };
  const block = stored[dtype]?.() ?? blockFormats[dtype].quantize(values, "benchmark");
  return async (offset, length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const start = (offset + at) % block.length;
      const some = block.subarray(start, Math.min(block.length, start + length - at));
      bytes.set(some, at);
      at += some.length;
    }
    return bytes;
  };
}

const sources = new Map();

/** A weight of pseudo-random numbers. A vector is f32. */
export function randomWeight(symbol, shape, matrixDType) {
  const dtype = shape.length === 1 ? "f32" : matrixDType;
  const bytes = dtypeBytes(dtype, elementCount(shape));
  if (!sources.has(dtype)) sources.set(dtype, sourceOf(dtype));
  const source = { name: symbol, size: bytes, read: sources.get(dtype) };
  const pieces = [{ source, offset: 0, bytes, dtype, tensor: symbol }];
  return { symbol, shape, dtype, pieces };
}

/** @param dtype of the matrices */
export function syntheticModel(shape, { dtype, tokens, context }) {
  const architecture = { ...shape, context };
  // Names of tensors play no part here, but an expert has names of its own.
  const layer = new Proxy(
    {},
    { get: (_, key) => (key === "expert" ? () => ({ gate: "x", up: "x", down: "x" }) : "x") },
  );
  const names = { embedding: "x", finalNorm: "x", head: "x", layer: () => layer, expert: () => ({}) };
  const entries = weightSpecs(architecture, names).map((spec) => {
    const { symbol, shape: dimensions, fusedGateUp } = spec;
    return { ...randomWeight(symbol, dimensions, dtype), fusedGateUp };
  });
  entries.push(ropeTable(context, architecture));
  const capacity = { tokens, rows: tokens, positions: context };
  return { entries, plans: buildPlans(architecture, entries, capacity, "f32") };
}
