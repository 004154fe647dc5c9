/** Memory, weights and threads of the WebAssembly backend. */

import { bug } from "../../core/error.ts";
import {
  dtypeBytes,
  type ModelPlans,
  planArena,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import type { Machine, PreparedPasses } from "../host/machine.ts";
import { Buffers } from "./buffers.ts";
import { kernelDTypes } from "./dtypeNumber.ts";
import { kernelModule } from "./kernelModule.ts";
import { type Kernels, kernelsOf } from "./kernels.generated.ts";
import { LinearMemory } from "./linearMemory.ts";
import { bind } from "./ops/bind.ts";
import { PassLists } from "./passLists.ts";
import { Products } from "./products.ts";
import { scratchBytes } from "./scratch.ts";
import { type KeptTensor, Tensors, valuesOf } from "./tensors.ts";
import { type KernelThread, mayWait, startThread } from "./threads.ts";
import { PackedWeights } from "./weights.ts";

export class WasmMachine implements Machine {
  readonly name = "wasm";
  readonly limits = {
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    maxSpans: Number.MAX_SAFE_INTEGER,
    residentDTypes: kernelDTypes,
  };
  readonly device: string;
  readonly #module: WebAssembly.Module;
  readonly #memory: LinearMemory;
  readonly #kernels: Kernels;
  readonly #weights: PackedWeights;
  readonly #threadCount: number;
  readonly #kept = new Map<string, KeptTensor>();
  #threads: readonly KernelThread[] = [];
  #caches: readonly KeptTensor[] = [];

  /** @param threads number of threads that compute, with the one that calls */
  static async create(threads: number): Promise<WasmMachine> {
    const shared = threads > 1;
    const module = await kernelModule(shared ? "shared" : "alone");
    const memory = new LinearMemory(shared);
    const instance = await WebAssembly.instantiate(module, { env: { memory: memory.memory } });
    return new WasmMachine(module, memory, kernelsOf(instance), threads);
  }

  private constructor(module: WebAssembly.Module, memory: LinearMemory, kernels: Kernels, threads: number) {
    this.#module = module;
    this.#memory = memory;
    this.#kernels = kernels;
    this.#weights = new PackedWeights(memory, kernels);
    this.#threadCount = threads;
    this.device = `CPU, WebAssembly, ${threads === 1 ? "one thread" : `${threads} threads`}`;
  }

  async load(entries: readonly WeightEntry[], options: WeightLoadOptions): Promise<void> {
    await this.#weights.load(entries, options);
  }

  async prepare(plans: ModelPlans): Promise<PreparedPasses> {
    const memory = this.#memory;
    const { body, head } = plans;
    const scratch = scratchBytes([body, head]);
    const places = Array.from({ length: this.#threadCount }, () => memory.place("scratch", scratch));
    const arena = memory.place("the arena", Math.max(planArena(body).bytes, planArena(head).bytes));
    const lists = new PassLists(memory, body.capacity);
    const buffers = new Buffers();
    const products = new Products(this.#kernels, buffers, this.#threadCount);
    const shared = { memory, kernels: this.#kernels, buffers, lists, products };
    const bound = [body, head].map((plan) => {
      const tensors = new Tensors(plan, this.#weights, memory, this.#kept, arena);
      const nodes = plan.nodes.map((node) => ({ op: node.op, run: bind(node, { ...shared, tensors }) }));
      return { tensors, nodes };
    });
    buffers.place(memory);
    const caches = body.tensors.filter(({ storage }) => storage === "cache");
    this.#caches = caches.map(({ id }) => bound[0]!.tensors.kept(id));
    this.#startThreads(places);
    return { nodes: bound.flatMap(({ nodes }) => nodes), ...this.#embeddings(plans, bound[1]!.tensors) };
  }

  copyPositions(from: number, to: number, count: number): void {
    for (const { address, dtype, elements, width } of this.#caches) {
      const bytes = dtypeBytes(dtype, elements);
      const rowBytes = dtypeBytes(dtype, width);
      this.#memory
        .bytes(address, bytes)
        .copyWithin(to * rowBytes, from * rowBytes, (from + count) * rowBytes);
    }
  }

  read(name: string): Float32Array {
    const tensor = this.#kept.get(name);
    if (!tensor) throw bug(`There is no cache or boundary tensor '${name}' to be read`);
    return valuesOf(tensor, this.#memory);
  }

  dispose(): void {
    this.#kernels.stop();
    for (const thread of this.#threads) thread.terminate();
    this.#threads = [];
  }

  /** @param places scratch of each thread, the first that of the calling one */
  #startThreads([own, ...others]: readonly number[]): void {
    this.#kernels.attach({ ownScratch: own!, threads: others.length, waits: Number(mayWait()) });
    const { memory } = this.#memory;
    this.#threads = others.map((scratch) => startThread({ module: this.#module, memory, scratch }));
  }

  /** Soft mixtures and input embeddings, for soft embeddings. */
  #embeddings({ head }: ModelPlans, tensors: Tensors): Pick<PreparedPasses, "mixture" | "embedding"> {
    const memory = this.#memory;
    const node = head.nodes.find(({ op }) => op === "headStatistics");
    if (node?.op !== "headStatistics") {
      const none = () => new Float32Array(0);
      return { mixture: none, embedding: none };
    }
    const mixtures = tensors.address(node.outputs.mixture);
    const { number, address, columns } = tensors.matrix(node.inputs.embedding!);
    const place = memory.place("an embedding", 4 * columns);
    const row = memory.place("a token", 4);
    return {
      mixture: (index) => memory.f32(mixtures + 4 * columns * index, columns),
      embedding: (token) => {
        memory.u32(row, 1)[0] = token;
        this.#kernels.embed({ dtype: number, weight: address, columns, rows: row, count: 1, out: place });
        return memory.f32(place, columns);
      },
    };
  }
}
