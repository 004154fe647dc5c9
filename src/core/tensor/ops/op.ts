/** The declaration of an op: the names of its inputs and outputs, and its cost. */
import { bug } from "../../error.ts";
import { dtypeBytes } from "../dtype.ts";
import { type Capacity, elementsOf, type TensorId, type TensorSpec } from "../tensorSpec.ts";

/** The counts of a pass, from which costs are computed. */
export interface Counts extends Capacity {
  /** Spans in the pass. */
  readonly spans: number;
  /** Query-key pairs that attention computes, summed over the pass. */
  readonly pairs: number;
  /** Keys that attention reads: the visible keys of each span, summed over the pass. */
  readonly keys: number;
}

/** The cost of one node in one pass. Launches are kernel launches on an accelerator; the CPU has none. */
export interface Cost {
  readonly bytes: number;
  readonly flops: number;
  readonly launches: number;
}

export interface Node<Op extends string, Inputs extends string, Outputs extends string, Attributes> {
  readonly op: Op;
  /** The node's place in the model, for example `layers.3.attention`. */
  readonly name: string;
  /** Inputs that the op declares as `optional` may be absent. */
  readonly inputs: Readonly<Partial<Record<Inputs, TensorId>>>;
  readonly outputs: Readonly<Record<Outputs, TensorId>>;
  readonly attributes: Attributes;
}

export interface Op<Name extends string, Inputs extends string, Outputs extends string, Attributes> {
  readonly name: Name;
  readonly help: string;
  readonly inputs: readonly Inputs[];
  readonly optional: readonly Inputs[];
  /** Outputs, including scratch tensors that only the node itself uses. */
  readonly outputs: readonly Outputs[];
  cost(node: Node<Name, Inputs, Outputs, Attributes>, view: CostView): Cost;
}

/** Declares an op. `optional` names the inputs that a node may omit. */
export function op<Attributes>() {
  return <const Name extends string, const Inputs extends string, const Outputs extends string>(
    spec: Omit<Op<Name, Inputs, Outputs, Attributes>, "optional"> & { optional?: readonly NoInfer<Inputs>[] },
  ): Op<Name, Inputs, Outputs, Attributes> => ({ optional: [], ...spec });
}

/** Gives the cost function of an op the sizes of tensors and the counts of a pass. */
export class CostView {
  readonly counts: Counts;
  readonly #tensors: readonly TensorSpec[];

  constructor(tensors: readonly TensorSpec[], counts: Counts) {
    this.#tensors = tensors;
    this.counts = counts;
  }

  tensor(id: TensorId | undefined): TensorSpec {
    const tensor = id === undefined ? undefined : this.#tensors[id];
    if (!tensor) throw bug(`A cost function refers to tensor ${id}, which is not in the Plan`);
    return tensor;
  }

  /** Total elements of the tensors in this pass; absent tensors count 0. */
  elements(...ids: (TensorId | undefined)[]): number {
    return ids.reduce<number>(
      (sum, id) => sum + (id === undefined ? 0 : elementsOf(this.tensor(id), this.counts)),
      0,
    );
  }

  /** Bytes of one row (the last dimension) of a tensor. */
  rowBytes(id: TensorId | undefined): number {
    const { dtype, shape } = this.tensor(id);
    return dtypeBytes(dtype, Number(shape.at(-1)));
  }

  /** Total bytes of the tensors in this pass; absent tensors count 0. */
  bytes(...ids: (TensorId | undefined)[]): number {
    return ids.reduce<number>(
      (sum, id) => sum + (id === undefined ? 0 : dtypeBytes(this.tensor(id).dtype, this.elements(id))),
      0,
    );
  }
}
