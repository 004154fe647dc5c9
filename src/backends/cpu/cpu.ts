/** The reference backend: every op in plain TypeScript, f32 activations, f64 sums. It defines the meaning of every op. */
import { allocate } from "../../core/allocate.ts";
import {
  type Backend,
  dtypeBytes,
  elementCount,
  f32OrQuantized,
  type ModelPlans,
  residentDType,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import { convertWeights, toF32 } from "../../core/weights/convert.ts";
import { loadWeights, type WeightSink } from "../../core/weights/load.ts";
import { HostBackend } from "../host/hostBackend.ts";
import type { Machine, PreparedPasses } from "../host/machine.ts";
import { CpuMemory } from "./memory.ts";
import { bind } from "./ops/bind.ts";

class CpuMachine implements Machine {
  readonly name = "cpu";
  readonly device = "CPU, one thread";
  readonly limits = {
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    maxSpans: Number.MAX_SAFE_INTEGER,
    residentDTypes: f32OrQuantized,
  };
  readonly #memory = new CpuMemory();
  #positions = 1;

  async load(entries: readonly WeightEntry[], _plans: ModelPlans, options: WeightLoadOptions): Promise<void> {
    const { weights } = this.#memory;
    for (const entry of entries) weights.set(entry.symbol, this.#allocate(entry));
    const write: WeightSink["write"] = ({ entry, element, dtype }, bytes) => {
      const weight = weights.get(entry.symbol)!;
      if (weight instanceof Float32Array) toF32(bytes, dtype, weight, element);
      else
        weight.set(convertWeights(bytes, dtype, entry.dtype, entry.symbol), dtypeBytes(entry.dtype, element));
    };
    await loadWeights(entries, { write, buffer: (bytes) => new Uint8Array(bytes) }, options);
  }

  async prepare(plans: ModelPlans): Promise<PreparedPasses> {
    this.#positions = plans.body.capacity.positions;
    const [body, head] = this.#memory.prepare([plans.body, plans.head]);
    const nodes = [
      ...plans.body.nodes.map((node) => ({ op: node.op, run: bind(node, body!) })),
      ...plans.head.nodes.map((node) => ({ op: node.op, run: bind(node, head!) })),
    ];
    const last = plans.head.nodes.find((node) => node.op === "headStatistics");
    const mixtures = last && head!.f32(last.outputs.mixture);
    const embedding = last && head!.matrix(last.inputs.embedding!);
    const hidden = embedding?.columns ?? 0;
    return {
      nodes,
      mixture: (row) => mixtures!.subarray(row * hidden, (row + 1) * hidden),
      embedding: (token) => {
        const { data, at } = embedding!.read(token, token + 1);
        return data.subarray(at, at + hidden);
      },
    };
  }

  copyPositions(from: number, to: number, count: number): void {
    for (const cache of this.#memory.caches.values()) {
      const width = cache.length / this.#positions;
      cache.copyWithin(to * width, from * width, (from + count) * width);
    }
  }

  read(name: string): Float32Array {
    return this.#memory.read(name);
  }

  dispose(): void {
    this.#memory.dispose();
  }

  #allocate({ symbol, shape, dtype }: WeightEntry): Float32Array | Uint8Array {
    const resident = residentDType(dtype, this.limits);
    const elements = elementCount(shape);
    const bytes = dtypeBytes(resident, elements);
    return allocate(`'${symbol}'`, bytes, () =>
      resident === "f32" ? new Float32Array(elements) : new Uint8Array(bytes),
    );
  }
}

/** A factory of CPU backends. */
export function cpu(): () => Promise<Backend> {
  return async () => new HostBackend(new CpuMachine());
}
