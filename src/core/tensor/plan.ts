/**
 * A Plan describes a forward pass as data: a list of nodes over symbolic tensors, sized for a capacity (the maximum tokens,
 * rows and positions). A ForwardPass (forwardPass.ts) has the actual counts of one pass, so a model needs each Plan once.
 */
import type { NodeOf, OpName } from "./ops/index.ts";
import type { Capacity, TensorSpec } from "./tensorSpec.ts";

export type PlanNode = { [Op in OpName]: NodeOf<Op> }[OpName];

export interface Plan {
  /** `body` or `head`. */
  readonly name: string;
  readonly capacity: Capacity;
  readonly tensors: readonly TensorSpec[];
  readonly nodes: readonly PlanNode[];
}
