/** Weights, keys and values, and passes of the WebAssembly backend, in one memory or in several. */
import { bug } from "../../core/error.ts";
import {
  dtypeBytes,
  type LimitExceeded,
  type ModelPlans,
  type PlanNode,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import type { Machine, PreparedPasses } from "../host/machine.ts";
import { Banks } from "./banks.ts";
import { bindNodes, type HeldTensor } from "./boundNodes.ts";
import { type Distribution, distribute } from "./distribution.ts";
import { kernelDTypes } from "./dtypeNumber.ts";
import { embeddingsOf } from "./embeddings.ts";
import { PassMemory } from "./passMemory.ts";
import { Room } from "./room.ts";
import { valuesOf } from "./tensors.ts";
import { loadPacked } from "./weights.ts";

interface WasmMachineOptions {
  /** Threads that compute, with the one that calls. */
  readonly threads: number;
  /** Bytes of weights, keys and values in one memory, at most. */
  readonly maxStoredBytes: number;
  readonly relaxedSimd: boolean;
}

export class WasmMachine implements Machine {
  readonly name = "wasm";
  readonly limits = {
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    maxSpans: Number.MAX_SAFE_INTEGER,
    residentDTypes: kernelDTypes,
  };
  readonly device: string;
  readonly #banks: Banks;
  readonly #threadCount: number;
  readonly #storedBytes: number;
  #held: ReadonlyMap<string, HeldTensor> = new Map();
  #caches: readonly HeldTensor[] = [];
  #distribution: Distribution | undefined;

  static async create(options: WasmMachineOptions): Promise<WasmMachine> {
    return new WasmMachine(await Banks.create(options.threads, options.relaxedSimd), options);
  }

  private constructor(banks: Banks, { threads, maxStoredBytes, relaxedSimd }: WasmMachineOptions) {
    this.#banks = banks;
    this.#threadCount = threads;
    this.#storedBytes = maxStoredBytes;
    const kernels = relaxedSimd ? "WebAssembly with relaxed SIMD" : "WebAssembly";
    this.device = `CPU, ${kernels}, ${threads === 1 ? "one thread" : `${threads} threads`}`;
  }

  exceededLimits(plans: ModelPlans): readonly LimitExceeded[] {
    return this.#room(plans).exceeded;
  }

  async load(entries: readonly WeightEntry[], plans: ModelPlans, options: WeightLoadOptions): Promise<void> {
    this.#distribution = distribute(plans, this.#room(plans).bytes);
    const names = this.#distribution.weights;
    await this.#banks.grow(names.length);
    const memories = this.#banks.list.map(({ memory, weights }, bank) => ({
      memory,
      weights,
      names: names[bank]!,
    }));
    await loadPacked(memories, entries, options);
  }

  async prepare(plans: ModelPlans): Promise<PreparedPasses> {
    const { body, head } = plans;
    const memories = this.#banks.list.map((bank) => new PassMemory(bank, plans, this.#threadCount));
    const { nodes, held } = bindNodes(plans, (node) => this.#bankOf(node), this.#banks, memories);
    this.#held = held;
    for (const memory of memories) memory.finish();
    const caches = body.tensors.filter(({ storage }) => storage === "cache");
    this.#caches = caches.map(({ name }) => this.#heldTensor(name));
    const last = head.nodes.at(-1);
    const bank = last ? this.#bankOf(last) : 0;
    const enter = () => this.#banks.enter(bank);
    const embeddings = embeddingsOf(plans, memories[bank]!.tensors(head), this.#banks.list[bank]!, enter);
    this.#banks.start(memories.map(({ scratch }) => scratch));
    return { nodes, ...embeddings };
  }

  copyPositions(from: number, to: number, count: number): void {
    for (const { bank, tensor } of this.#caches) {
      const { address, dtype, elements, width } = tensor;
      const rowBytes = dtypeBytes(dtype, width);
      this.#banks.list[bank]!.memory.bytes(address, dtypeBytes(dtype, elements)).copyWithin(
        to * rowBytes,
        from * rowBytes,
        (from + count) * rowBytes,
      );
    }
  }

  read(name: string): Float32Array {
    const { bank, tensor } = this.#heldTensor(name);
    return valuesOf(tensor, this.#banks.list[bank]!.memory);
  }

  dispose(): void {
    this.#banks.dispose();
  }

  #room(plans: ModelPlans): Room {
    return new Room(plans, this.#banks.list[0]!.kernels, this.#threadCount, this.#storedBytes);
  }

  #bankOf(node: PlanNode): number {
    const bank = this.#distribution?.memoryOf.get(node);
    if (bank === undefined)
      throw bug(`Node '${node.name}' is none of the Plans that the weights were loaded for`);
    return bank;
  }

  #heldTensor(name: string): HeldTensor {
    const held = this.#held.get(name);
    if (!held) throw bug(`There is no cache or boundary tensor '${name}' to be read`);
    return held;
  }
}
