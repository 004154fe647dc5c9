/** What products on tensor cores need, once: weights arranged for them, buffers, and which activations are kept in bf16. */
import type { ModelPlans, Plan, PrepareOptions, TensorId } from "../../core/tensor/index.ts";
import type { ComputeDevice } from "./device.ts";
import type { Binding } from "./kernel.ts";
import type { DeviceMemory } from "./memory/memory.ts";
import type { DeviceWeights } from "./memory/weights.ts";
import type { TensorCoreBuffers } from "./ops/context.ts";
import { roundedTensors } from "./ops/tensorCores/rounded.ts";
import { makeBuffers, symbolOf } from "./tensorCoreBuffers.ts";
import { tileWeights } from "./tileWeights.ts";

interface Parts {
  readonly device: ComputeDevice;
  readonly memory: DeviceMemory;
  readonly weights: DeviceWeights;
  readonly dummyBinding: Binding;
}

export interface TensorCores {
  readonly buffers: TensorCoreBuffers;
  /** The place of a tensor, with the form that it is kept in. */
  binding(plan: Plan, id: TensorId, place: Binding): Binding;
}

/** @returns undefined if the device has none */
export async function prepareTensorCores(
  parts: Parts,
  { body, head }: ModelPlans,
  options: PrepareOptions,
): Promise<TensorCores | undefined> {
  if (!parts.device.capabilities.tensorCores) return undefined;
  const plans = [body, head];
  await tileWeights(parts, plans, options);
  const isTiled = (plan: Plan, id: TensorId) =>
    parts.weights.get(symbolOf(plan, id)).shards[0]!.form !== undefined;
  const rounded = new Map(plans.map((plan) => [plan, roundedTensors(plan, (id) => isTiled(plan, id))]));
  return {
    buffers: await makeBuffers(parts.memory, parts.weights, plans),
    binding: (plan, id, place) => (rounded.get(plan)?.has(id) ? { ...place, form: "bf16" } : place),
  };
}
