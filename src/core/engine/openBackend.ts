/** Makes a backend that is ready for passes. */
import { throwIfAborted } from "../error.ts";
import type { Backend, BackendFactory, LoadOptions, ModelPlans, WeightEntry } from "../tensor/index.ts";
import { requireFit } from "./fit.ts";
import { makeBackend } from "./makeBackend.ts";
import type { ChosenCapacity } from "./sizes.ts";

/** What a backend is made from, as often as need be: the weights say where their bytes are, and hold none. */
export interface BackendParts {
  readonly factory: BackendFactory;
  readonly weights: readonly WeightEntry[];
  readonly sizes: ChosenCapacity & { readonly plans: ModelPlans };
}

/**
 * A new backend with weights and Plans. Where that fails, what was made of it is disposed.
 * @throws DiffusionError `out-of-memory` before any weight is read where the device cannot hold it, `aborted` on abort, even while the factory waits; what the factory or the backend throws
 */
export async function openBackend(
  { factory, weights, sizes }: BackendParts,
  options: LoadOptions = {},
): Promise<Backend> {
  const { signal } = options;
  const what = "load the model";
  const backend = await makeBackend(factory, signal, what);
  try {
    const { plans } = sizes;
    requireFit(backend.misfits?.(plans) ?? [], sizes);
    await backend.load(weights, options);
    throwIfAborted(signal, what);
    await backend.prepare(plans);
    throwIfAborted(signal, what);
    return backend;
  } catch (error) {
    await backend.dispose().catch(() => {});
    throw error;
  }
}
