/** The declaration of an op: the names of its inputs and outputs, and its cost. */
import { bug } from "../../error.ts";
import { dtypeBytes } from "../dtype.ts";
import { type Capacity, elementsOf, type TensorId, type TensorSpec } from "../tensorSpec.ts";

/** The counts that a cost is computed for. */
export interface Counts extends Capacity {
  /** Spans in the pass. */
  readonly spans: number;
  /** Query-key pairs that attention computes, summed over the pass. */
  readonly pairs: number;
  /** Keys that attention reads: the visible ones of each span, summed. */
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
  /** Its place in the model, as in `layers.3.attention`. */
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
  /** Outputs, including scratch that is used only while the node runs. */
  readonly outputs: readonly Outputs[];
  cost(node: Node<Name, Inputs, Outputs, Attributes>, view: CostView): Cost;
}

/** Declares an op. `optional` names the inputs that a node may omit. */
export function op<Attributes>() {
  return <const Name extends string, const Inputs extends string, const Outputs extends string>(
    spec: Omit<Op<Name, Inputs, Outputs, Attributes>, "optional"> & { optional?: readonly NoInfer<Inputs>[] },
  ): Op<Name, Inputs, Outputs, Attributes> => ({ optional: [], ...spec });
}

/** Sizes of tensors and counts of the pass, for the cost function of an op. */
export class CostView {
  readonly counts: Counts;
  readonly #tensors: readonly TensorSpec[];

  constructor(tensors: readonly TensorSpec[], counts: Counts) {
    this.#tensors = tensors;
    this.counts = counts;
  }

  tensor(id: TensorId | undefined): TensorSpec {
    const tensor = id === undefined ? undefined : this.#tensors[id];
    if (!tensor) throw bug(`A cost function names tensor ${id}, which the Plan does not have`);
    return tensor;
  }

  /** Elements of the named tensors under the pass's counts; absent ones count 0. */
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

  /** Bytes of the named tensors under the pass's counts; absent ones count 0. */
  bytes(...ids: (TensorId | undefined)[]): number {
    return ids.reduce<number>(
      (sum, id) => sum + (id === undefined ? 0 : dtypeBytes(this.tensor(id).dtype, this.elements(id))),
      0,
    );
  }
}
