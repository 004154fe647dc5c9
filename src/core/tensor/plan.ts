/**
 * A Plan is a forward pass as data: a flat list of nodes over symbolic tensors, made for a capacity (how many
 * tokens, spans and rows one pass may hold). The true counts of a pass are in its Step (step.ts), so a Plan is
 * made once and printed, costed, sharded or executed many times.
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
