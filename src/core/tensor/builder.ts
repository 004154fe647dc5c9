/** Builds a Plan node by node. Checks that each node has the inputs that its op declares. */
import { bug } from "../error.ts";
import type { CacheDType, DType } from "./dtype.ts";
import { type NodeOf, type OpName, ops } from "./ops/index.ts";
import type { Plan, PlanNode } from "./plan.ts";
import type { Capacity, Dimension, Storage, TensorId, TensorSpec } from "./tensorSpec.ts";

export class PlanBuilder {
  readonly #name: string;
  readonly #capacity: Capacity;
  readonly #tensors: TensorSpec[] = [];
  readonly #nodes: PlanNode[] = [];
  readonly #named = new Map<string, TensorId>();

  constructor(name: string, capacity: Capacity) {
    this.#name = name;
    this.#capacity = capacity;
  }

  /** A scratch tensor of one pass. */
  scratch(name: string, shape: readonly Dimension[], dtype: DType = "f32"): TensorId {
    return this.#add(name, shape, dtype, "arena");
  }
  /**
   * A weight. Repeated calls with a symbol return the same tensor.
   * @param dtype the type in the WeightEntry; a backend that does not keep stored types may hold the weight in f32
   */
  weight(symbol: string, shape: readonly number[], dtype: DType = "f32"): TensorId {
    return this.#once(symbol, shape, dtype, "weight");
  }
  /** The keys or values of a layer in the K/V pool. */
  cache(symbol: string, width: number, dtype: CacheDType = "f32"): TensorId {
    return this.#once(symbol, ["positions", width], dtype, "cache");
  }
  /** A tensor that one Plan writes and the other reads. */
  boundary(symbol: string, shape: readonly Dimension[], dtype: DType = "f32"): TensorId {
    return this.#once(symbol, shape, dtype, "boundary");
  }

  node<Name extends OpName>(
    op: Name,
    name: string,
    inputs: { readonly [K in keyof NodeOf<Name>["inputs"]]: TensorId | undefined },
    outputs: NodeOf<Name>["outputs"],
    attributes: NodeOf<Name>["attributes"],
  ): void {
    const spec = ops[op];
    const bound: Record<string, TensorId> = {};
    for (const [key, id] of Object.entries(inputs)) if (id !== undefined) bound[key] = id as TensorId;
    for (const key of spec.inputs) {
      if (bound[key] === undefined && !(spec.optional as readonly string[]).includes(key)) {
        throw bug(`Node '${name}' has no input '${key}', which op '${op}' requires`);
      }
    }
    this.#nodes.push({ op, name, inputs: bound, outputs, attributes } as PlanNode);
  }

  build(): Plan {
    return { name: this.#name, capacity: this.#capacity, tensors: this.#tensors, nodes: this.#nodes };
  }

  #once(name: string, shape: readonly Dimension[], dtype: DType, storage: Storage): TensorId {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const id = this.#add(name, shape, dtype, storage);
    this.#named.set(name, id);
    return id;
  }

  #add(name: string, shape: readonly Dimension[], dtype: DType, storage: Storage): TensorId {
    const id = this.#tensors.length;
    this.#tensors.push({ id, name, shape, dtype, storage });
    return id;
  }
}
