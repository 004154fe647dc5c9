/**
 * A Plan is a forward pass as data: a flat list of nodes over symbolic tensors, for a capacity (the maximum tokens, rows
 * and positions). The actual counts of a pass are in its ForwardPass (forwardPass.ts), so a Plan is made once, and
 * printed, costed or executed many times.
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
