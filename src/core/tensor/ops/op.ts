/** What every op declares about itself: the names it binds, and what it costs. */
import { bug } from "../../error.ts";
import { dtypeBytes } from "../dtype.ts";
import { type Capacity, elementsOf, type TensorId, type TensorSpec } from "../tensorSpec.ts";

/** What a cost is computed for. */
export interface Counts extends Capacity {
  /** Spans in the pass. */
  readonly spans: number;
  /** Query-key pairs that attention computes, summed over the pass. */
  readonly pairs: number;
  /** Keys that attention reads: the visible ones of each span, summed. */
  readonly keys: number;
}

/** Of one node in one pass. Launches are what an accelerator needs for it, not what the CPU does. */
export interface Cost {
  readonly bytes: number;
  readonly flops: number;
  readonly launches: number;
}

export interface Node<Op extends string, Inputs extends string, Outputs extends string, Attributes> {
  readonly op: Op;
  /** Where it stands, as in `layers.3.attention`. */
  readonly name: string;
  /** Those that the op declares as `optional` may be absent. */
  readonly inputs: Readonly<Partial<Record<Inputs, TensorId>>>;
  readonly outputs: Readonly<Record<Outputs, TensorId>>;
  readonly attributes: Attributes;
}

export interface Op<Name extends string, Inputs extends string, Outputs extends string, Attributes> {
  readonly name: Name;
  readonly help: string;
  readonly inputs: readonly Inputs[];
  readonly optional: readonly Inputs[];
  /** Outputs, scratch that lives only while the node runs included. */
  readonly outputs: readonly Outputs[];
  cost(node: Node<Name, Inputs, Outputs, Attributes>, view: CostView): Cost;
}

/** Declares an op. `optional` names inputs that a node may leave out. */
export function op<Attributes>() {
  return <const Name extends string, const Inputs extends string, const Outputs extends string>(
    spec: Omit<Op<Name, Inputs, Outputs, Attributes>, "optional"> & { optional?: readonly NoInfer<Inputs>[] },
  ): Op<Name, Inputs, Outputs, Attributes> => ({ optional: [], ...spec });
}

/** What an op's cost function may ask about the Plan and the pass. */
export class CostView {
  readonly counts: Counts;
  readonly #tensors: readonly TensorSpec[];

  constructor(tensors: readonly TensorSpec[], counts: Counts) {
    this.#tensors = tensors;
    this.counts = counts;
  }

  tensor(id: TensorId | undefined): TensorSpec {
    const tensor = id === undefined ? undefined : this.#tensors[id];
    if (!tensor) throw bug(`A cost function asked for tensor ${id}, which the Plan does not have`);
    return tensor;
  }

  /** Elements of the named tensors under the pass's counts; absent ones count 0. */
  elements(...ids: (TensorId | undefined)[]): number {
    return ids.reduce<number>(
      (sum, id) => sum + (id === undefined ? 0 : elementsOf(this.tensor(id), this.counts)),
      0,
    );
  }

  /** Bytes of one row, that is of the last dimension, of a tensor. */
  rowBytes(id: TensorId | undefined): number {
    const { dtype, shape } = this.tensor(id);
    return dtypeBytes(dtype, Number(shape.at(-1)));
  }

  /** Bytes of the named tensors under the pass's counts; absent ones count 0. */
  bytes(...ids: (TensorId | undefined)[]): number {
    return ids.reduce<number>(
      (sum, id) => sum + (id === undefined ? 0 : dtypeBytes(this.tensor(id).dtype, this.elements(id))),
      0,
    );
  }
}
