/** Makes a backend that is ready for passes. */
import { throwIfAborted } from "../../error.ts";
import type { Backend, BackendFactory, ModelPlans, WeightEntry } from "../../tensor/index.ts";
import { requireWithinLimits } from "./checkLimits.ts";
import type { LoadReport } from "./loadProgress.ts";
import { makeBackend } from "./makeBackend.ts";
import type { ChosenCapacity } from "./sizes.ts";

/** What a backend is made from, as often as need be: the weights say where their bytes are, and hold none. */
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
 * A new backend with weights and Plans. Where that fails, what was made of it is disposed.
 * @throws DiffusionError `out-of-memory` before any weight is read where the device cannot hold it, `aborted` on abort, even while the factory waits; what the factory or the backend throws
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
    await backend.load(weights, {
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
