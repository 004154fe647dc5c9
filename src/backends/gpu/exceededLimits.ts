/** Tensors and buffers of a model's Plans that exceed the device's limits: found before anything is allocated. */
import {
  dtypeBytes,
  elementsOf,
  type LimitExceeded,
  type ModelPlans,
  type Plan,
  planArena,
  type TensorSpec,
} from "../../core/tensor/index.ts";
import type { Capabilities } from "./capabilities.ts";
import { stateLayout } from "./memory/state.ts";
import { deviceRowBytes } from "./memory/weightRows.ts";

type DeviceLimits = Pick<Capabilities, "bindingBytes" | "bufferBytes" | "busyWorkgroups" | "int8Activations">;

/** @param weightBindingBytes maximum bytes of a shard of a weight */
export function exceededLimitsOf(
  plans: ModelPlans,
  { bindingBytes, bufferBytes, ...device }: DeviceLimits,
  weightBindingBytes: number,
): readonly LimitExceeded[] {
  // The shards of the head are unknown here; they change a size by at most a tile for each shard.
  const { buffers } = stateLayout(plans, [{ first: 0, last: 1 }], device);
  const bound = (each: Omit<LimitExceeded, "limitBytes">) => ({ ...each, limitBytes: bindingBytes });
  const arenaBytes = Math.max(planArena(plans.body).bytes, planArena(plans.head).bytes);
  const all: readonly LimitExceeded[] = [
    ...Object.values(buffers).map(({ name, ...rest }) => bound({ what: name, ...rest })),
    { what: "the arena", bytes: arenaBytes, limitBytes: bufferBytes, growsWith: "tokens" },
    ...[plans.body, plans.head].flatMap((plan) => tensorsOf(plan).map(bound)),
    ...[plans.body, plans.head].flatMap((plan) => rowsOfWeights(plan, weightBindingBytes)),
  ];
  return all.filter(({ bytes, limitBytes }) => bytes > limitBytes);
}

function tensorsOf(plan: Plan): readonly Omit<LimitExceeded, "limitBytes">[] {
  return plan.tensors
    .filter(({ storage }) => storage !== "weight")
    .map((tensor) => ({
      what: `'${tensor.name}'`,
      bytes: dtypeBytes(tensor.dtype, elementsOf(tensor, plan.capacity)),
      growsWith: tensor.storage === "cache" ? "positions" : "tokens",
    }));
}

function rowBytesOf({ dtype, shape }: TensorSpec): number {
  return deviceRowBytes(dtype, Number(shape.at(-1)));
}

/** The smallest part of a matrix that a shard may hold: a row; of stacked experts, all rows of one expert. */
function rowsOfWeights(plan: Plan, limitBytes: number): readonly LimitExceeded[] {
  return plan.tensors
    .filter(({ storage, shape }) => storage === "weight" && shape.length > 1)
    .map((tensor) => ({
      what: `one of ${tensor.shape[0]} parts of '${tensor.name}'`,
      bytes: elementsOf({ ...tensor, shape: tensor.shape.slice(1, -1) }, plan.capacity) * rowBytesOf(tensor),
      limitBytes,
      growsWith: "no",
    }));
}
