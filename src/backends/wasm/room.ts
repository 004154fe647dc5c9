/** The room of a memory for weights, keys and values: what passes and loading leave of it. */
import type { LimitExceeded, ModelPlans, PlanNode } from "../../core/tensor/index.ts";
import { storedTensors } from "./distribution.ts";
import type { Kernels } from "./kernels.generated.ts";
import { MeasuredMemory, maxMemoryBytes } from "./linearMemory.ts";
import { PassMemory } from "./passMemory.ts";
import { loadingBytes, PackedWeights } from "./weights.ts";

export class Room {
  /** Bytes of a memory for weights, keys and values. */
  readonly bytes: number;
  readonly #passBytes: number;
  readonly #nodes: readonly NodeBytes[];

  /**
   * Measures by binding all nodes of the model to a memory that counts.
   * @param storedBytes a lower limit of weights, keys and values in a memory
   */
  constructor(plans: ModelPlans, kernels: Kernels, threads: number, storedBytes: number) {
    this.#nodes = [plans.body, plans.head].flatMap((plan) =>
      plan.nodes.map((node) => ({ node, ...bytesOf(storedTensors(plan, node)) })),
    );
    this.#passBytes = measurePasses(plans, kernels, threads);
    const left = maxMemoryBytes - Math.max(this.#passBytes, loadingBytes);
    this.bytes = Math.min(storedBytes, left);
  }

  /** What has no place even in a memory of its own. */
  get exceeded(): readonly LimitExceeded[] {
    if (this.bytes <= 0) {
      const bytes = this.#passBytes;
      return [{ what: "the memory of a pass", bytes, limitBytes: maxMemoryBytes, growsWith: "tokens" }];
    }
    return this.#nodes
      .filter(({ bytes }) => bytes > this.bytes)
      .map(({ node, bytes, cacheBytes }) => ({
        what: `'${node.name}' with its weights`,
        bytes,
        limitBytes: this.bytes,
        growsWith: 2 * cacheBytes > bytes ? "positions" : "no",
      }));
  }
}

interface NodeBytes {
  readonly node: PlanNode;
  readonly bytes: number;
  /** The part of the bytes that keys and values take. */
  readonly cacheBytes: number;
}

function bytesOf(stored: ReturnType<typeof storedTensors>): Omit<NodeBytes, "node"> {
  const sum = (tensors: typeof stored) => tensors.reduce((total, { bytes }) => total + bytes, 0);
  return { bytes: sum(stored), cacheBytes: sum(stored.filter(({ isCache }) => isCache)) };
}

/** Bytes that passes need beside weights, keys and values. */
function measurePasses(plans: ModelPlans, kernels: Kernels, threads: number): number {
  const memory = new MeasuredMemory();
  const weights = new PackedWeights(new MeasuredMemory(), kernels);
  const passes = new PassMemory({ memory, kernels, weights }, plans, threads);
  const caches = new Map<string, number>();
  for (const plan of [plans.body, plans.head]) {
    for (const { name, storage, shape, dtype } of plan.tensors)
      if (storage === "weight") weights.place(name, { shape: shape.map(Number), dtype });
    for (const node of plan.nodes) {
      passes.bind(plan, node);
      for (const { name, bytes, isCache } of storedTensors(plan, node)) if (isCache) caches.set(name, bytes);
    }
  }
  passes.finish();
  return memory.end - [...caches.values()].reduce((total, bytes) => total + bytes, 0);
}
