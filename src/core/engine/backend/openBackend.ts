/** Opens a backend: makes it, loads the weights and prepares the Plans. */
import { throwIfAborted } from "../../error.ts";
import type { Backend, BackendFactory, ModelPlans, WeightEntry } from "../../tensor/index.ts";
import { requireWithinLimits } from "./checkLimits.ts";
import type { LoadReport } from "./loadProgress.ts";
import { makeBackend } from "./makeBackend.ts";
import type { ChosenCapacity } from "./sizes.ts";

/** Everything that a backend is opened from. Weight entries name byte ranges and hold no bytes, so a backend can be reopened. */
export interface BackendParts {
  readonly factory: BackendFactory;
  readonly weights: readonly WeightEntry[];
  readonly sizes: ChosenCapacity & { readonly plans: ModelPlans };
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives the progress. */
  readonly report?: LoadReport;
}

/**
 * Opens a backend. If a later stage fails, the backend is disposed.
 * @throws DiffusionError `out-of-memory` before any weight is read if the device cannot hold the model; `aborted` as soon
 *   as the signal fires, even while the factory is waiting; errors of the factory and of the backend
 */
export async function openBackend(
  { factory, weights, sizes }: BackendParts,
  { signal, report }: OpenOptions = {},
): Promise<Backend> {
  const what = "load the model";
  const backend = await makeBackend(factory, signal, what);
  try {
    const { plans } = sizes;
    requireWithinLimits(backend.exceededLimits?.(plans) ?? [], sizes);
    report?.begin("weights");
    await backend.load(weights, plans, {
      signal,
      onProgress: (loadedBytes, totalBytes) =>
        report?.bytes({ loadedBytes, totalBytes, receivedBytes: loadedBytes }),
    });
    throwIfAborted(signal, what);
    report?.begin("compile");
    await backend.prepare(plans, {
      onCompiled: (compiledCount, pipelineCount) => report?.compiled(compiledCount, pipelineCount),
    });
    throwIfAborted(signal, what);
    return backend;
  } catch (error) {
    await backend.dispose().catch(() => {});
    throw error;
  }
}
