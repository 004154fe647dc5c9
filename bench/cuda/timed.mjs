// A Plan on a native device, with random weights that come from a file by path, and the times of its kernels.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAddon } from "../../dist/backends/cuda/addon.js";
import { CudaDevice } from "../../dist/backends/cuda/cudaDevice.js";
import { GpuBackend } from "../../dist/backends/gpu/backend.js";
import { buildPlans, ropeTable, weightSpecs } from "../../dist/core/model/index.js";
import { dtypeBytes, elementCount } from "../../dist/core/tensor/index.js";

export const upTo = (count) => Array.from({ length: count }, (_, index) => index);
export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** A file of random numbers in bf16, of about the size of weights. */
export class RandomFile {
  #folder = mkdtempSync(join(tmpdir(), "unmask-bench-"));
  #size;
  path = join(this.#folder, "weights.bin");

  constructor(size) {
    this.#size = size;
    const block = new Uint16Array(Math.min(size, 2 ** 24) / 2);
    let state = 1;
    for (let index = 0; index < block.length; index++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // Sign and fraction are random, and magnitudes lie between 2^-6 and 2^-5.
      block[index] = ((state >>> 16) & 0x8000) | (121 << 7) | ((state >>> 9) & 0x7f);
    }
    const file = openSync(this.path, "w");
    for (let at = 0; at < size; at += block.byteLength) writeSync(file, new Uint8Array(block.buffer));
    closeSync(file);
  }

  /** Bytes of the file as a tensor's. */
  piece(tensor, bytes) {
    if (bytes > this.#size) throw new Error(`${tensor} has ${bytes} bytes, and the file ${this.#size}`);
    const { path } = this;
    const read = async () => {
      throw new Error("The device reads the file itself");
    };
    return { source: { name: path, path, size: this.#size, read }, offset: 0, bytes, dtype: "bf16", tensor };
  }

  remove() {
    rmSync(this.#folder, { recursive: true });
  }
}

const ones = (symbol, count) => {
  const bytes = new Uint8Array(new Float32Array(count).fill(1).buffer);
  const source = {
    name: symbol,
    size: bytes.length,
    read: async (at, length) => bytes.subarray(at, at + length),
  };
  return { source, offset: 0, bytes: bytes.length, dtype: "f32", tensor: symbol };
};

/** An entry for weights of a shape: matrices in bf16 from the file, vectors of ones. */
export function entryOf(file, { symbol, shape, fusedGateUp }) {
  const count = elementCount(shape);
  const isVector = shape.length === 1;
  const pieces = [isVector ? ones(symbol, count) : file.piece(symbol, dtypeBytes("bf16", count))];
  return { symbol, shape, dtype: isVector ? "f32" : "bf16", fusedGateUp, pieces };
}

/** Weights and Plans of an architecture. */
export function modelOf(file, shape, { tokens, rows, context, positions }) {
  const architecture = { ...shape, context };
  const expert = () => ({ gate: "x", up: "x", down: "x" });
  const layer = new Proxy({}, { get: (_, key) => (key === "expert" ? expert : "x") });
  const names = { embedding: "x", finalNorm: "x", head: "x", layer: () => layer };
  const entries = weightSpecs(architecture, names).map((spec) => entryOf(file, spec));
  entries.push(ropeTable(context, architecture));
  return { entries, plans: buildPlans(architecture, entries, { tokens, rows, positions }, "f16") };
}

export const bytesOf = (entries) =>
  entries.flatMap(({ pieces }) => pieces).reduce((sum, { bytes }) => sum + bytes, 0);

/** A backend with loaded weights. */
export class Timed {
  static async open(device, { entries, plans }) {
    const timed = new Timed();
    timed.device = await CudaDevice.open(loadAddon(device), 0, true);
    timed.backend = new GpuBackend(timed.device, { name: "cuda" });
    const start = performance.now();
    await timed.backend.load(entries, plans);
    timed.loadMs = performance.now() - start;
    await timed.backend.prepare(plans);
    return timed;
  }

  /** Opens slots of this length, filled with tokens. */
  async fill(slots, length, tokenOf) {
    const positions = upTo(length);
    for (const slot of upTo(slots)) {
      await this.backend.openSlot({ slot, base: slot * length, length });
      await this.backend.commit([{ slot, positions, tokens: positions.map((at) => tokenOf(slot, at)) }]);
    }
  }

  /** Runs a pass over [start, end) of these slots, of each of which the first `wanted` rows are wanted. */
  pass(slots, start, end, wanted) {
    const spans = slots.map((slot) => ({ slot, start, end, visible: end, maskBlock: Infinity, origin: 0 }));
    const sampling = { temperature: 0, topK: 0, topP: 1, seed: 1 };
    const positions = Array.from({ length: wanted }, (_, index) => start + index);
    const head =
      wanted === 0
        ? []
        : spans.map((_, span) => ({ span, positions, shift: 0, maskToken: -1, sampling, step: 0 }));
    return this.backend.submit({ spans, head });
  }

  /** Microseconds of the last pass: as a graph, and of its kernels by name without the layer's number, summed over layers. */
  async times(rounds) {
    const all = await this.device.timeLast(rounds);
    const kernels = {};
    for (const { name, times } of all.slice(0, -1)) {
      const key = name.replace(/\d+/g, "*");
      kernels[key] ??= { count: 0, us: 0 };
      const own = kernels[key];
      own.count++;
      own.us += median(times);
    }
    for (const own of Object.values(kernels)) own.us = Number(own.us.toFixed(1));
    return { us: Number(median(all.at(-1).times).toFixed(1)), kernels };
  }

  close() {
    return this.backend.dispose();
  }
}
