/**
 * The reference backend: every op in plain TypeScript, f32 activations, f64 sums. It defines the meaning of every op, and
 * is the default without a GPU.
 */
import { allocate } from "../../core/allocate.ts";
import { DiffusionError } from "../../core/error.ts";
import {
  type Backend,
  dtypeBytes,
  elementCount,
  emptyPassStatistics,
  type ForwardPass,
  type ModelPlans,
  type PassStatistics,
  residentDType,
  type SlotChange,
  type SlotId,
  type SlotRange,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import { convertWeights, toF32 } from "../../core/weights/convert.ts";
import { loadWeights, type WeightSink } from "../../core/weights/load.ts";
import { CpuDeviceLoop } from "./deviceLoop.ts";
import { yieldToEventLoop } from "./eventLoop.ts";
import { CpuMemory } from "./memory.ts";
import { bind } from "./ops/bind.ts";
import { OpTimes } from "./opTimes.ts";
import type { CpuPass, CpuSlot, Kernel, PlacedSpan } from "./pass.ts";
import { SoftEmbeddings } from "./softEmbeddings.ts";
import { type WeightRows, weightRowsOfF32 } from "./weightRows.ts";

class CpuBackend implements Backend {
  readonly name = "cpu";
  readonly device = "CPU, one thread";
  readonly limits = {
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    maxSpans: Number.MAX_SAFE_INTEGER,
    keepsStoredTypes: false,
  };
  readonly lost = new Promise<Error>(() => {});
  readonly #memory = new CpuMemory();
  readonly #slots = new Map<SlotId, CpuSlot>();
  readonly #times = new OpTimes();
  #kernels: readonly { readonly op: string; readonly run: Kernel }[] = [];
  /** Soft mixtures of the last pass, [rows, hidden], and the first row of each of its head requests. */
  #mixture: Float32Array = new Float32Array(0);
  #mixtureRows: { readonly first: number; readonly positions: readonly number[]; readonly mask: number }[] =
    [];
  #embedding: WeightRows = weightRowsOfF32(new Float32Array(0), 0);
  #positions = 1;
  #disposed = false;
  readonly loop = new CpuDeviceLoop(this, (slot) => this.#slot(slot));

  async load(entries: readonly WeightEntry[], options: WeightLoadOptions = {}): Promise<void> {
    const { weights } = this.#memory;
    for (const entry of entries) weights.set(entry.symbol, this.#allocate(entry));
    const write: WeightSink["write"] = ({ entry, element, dtype }, bytes) => {
      const weight = weights.get(entry.symbol)!;
      if (weight instanceof Float32Array) toF32(bytes, dtype, weight, element);
      else
        weight.set(convertWeights(bytes, dtype, entry.dtype, entry.symbol), dtypeBytes(entry.dtype, element));
    };
    await loadWeights(entries, { write }, options);
  }

  async prepare(plans: ModelPlans): Promise<void> {
    this.#positions = plans.body.capacity.positions;
    const [body, head] = this.#memory.prepare([plans.body, plans.head]);
    this.#kernels = [
      ...plans.body.nodes.map((node) => ({ op: node.op, run: bind(node, body!) })),
      ...plans.head.nodes.map((node) => ({ op: node.op, run: bind(node, head!) })),
    ];
    const last = plans.head.nodes.find((node) => node.op === "headStatistics");
    if (last) {
      this.#mixture = head!.f32(last.outputs.mixture);
      this.#embedding = head!.matrix(last.inputs.embedding!);
    }
  }

  async openSlot({ slot, base, length }: SlotRange): Promise<void> {
    this.#slots.set(slot, {
      base,
      tokens: new Uint32Array(length),
      undecided: new Uint8Array(length),
      soft: new SoftEmbeddings(),
      kept: new Map(),
    });
  }

  async closeSlot(slot: SlotId): Promise<void> {
    this.#slots.delete(slot);
    this.loop.close(slot);
  }

  async copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void> {
    const source = this.#slot(from).base;
    const target = this.#slot(to).base;
    for (const cache of this.#memory.caches.values()) {
      const width = cache.length / this.#positions;
      cache.copyWithin((target + start) * width, (source + start) * width, (source + end) * width);
    }
  }

  async submit(step: ForwardPass): Promise<PassStatistics> {
    // A pass is one long synchronous computation, so timers, input and cancellation need a turn between passes.
    await yieldToEventLoop();
    const pass = this.#place(step);
    let ms = performance.now();
    for (const { op, run } of this.#kernels) ms = this.#times.run(op, ms, () => run(pass));
    return pass.statistics;
  }

  async commit(changes: readonly SlotChange[]): Promise<void> {
    for (const { slot, positions, tokens, undecided = [], softEmbeddings } of changes) {
      const { tokens: all, undecided: bits, soft } = this.#slot(slot);
      positions.forEach((position, index) => {
        all[position] = tokens[index]!;
        bits[position] = 0;
        soft.delete(position);
      });
      for (const position of undecided) bits[position] = 1;
      if (!softEmbeddings) continue;
      const { first, positions: targets, mask } = this.#mixtureRows[softEmbeddings.request]!;
      const hidden = this.#embedding.columns;
      const { data, at } = this.#embedding.read(mask, mask + 1);
      for (const row of softEmbeddings.rows) {
        const vector = soft.vector(targets[row]!, hidden);
        const from = (first + row) * hidden;
        for (let k = 0; k < hidden; k++) {
          vector[k] = data[at + k]! + softEmbeddings.weight * this.#mixture[from + k]!;
        }
      }
    }
  }

  /** Time by op of all passes so far. */
  get times(): NonNullable<Backend["times"]> {
    return this.#times.list;
  }

  async read(name: string): Promise<Float32Array> {
    return this.#memory.read(name);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#kernels = [];
    this.#slots.clear();
    this.#memory.dispose();
  }

  #place(step: ForwardPass): CpuPass {
    let tokens = 0;
    const spans = step.spans.map((span): PlacedSpan => {
      const placed = { ...span, memory: this.#slot(span.slot), row: tokens };
      tokens += span.end - span.start;
      return placed;
    });
    let rows = 0;
    this.#mixtureRows = step.head.map(({ positions, maskToken }) => {
      const first = rows;
      rows += positions.length;
      return { first, positions, mask: maskToken };
    });
    return { spans, tokens, head: step.head, rows, statistics: emptyPassStatistics(step.head) };
  }

  #slot(slot: SlotId): CpuSlot {
    const known = this.#slots.get(slot);
    if (known) return known;
    const why = this.#disposed ? "the backend is disposed" : "it is not open";
    throw new DiffusionError("disposed", `Cannot use slot ${slot} as ${why}`);
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
  return async () => new CpuBackend();
}
