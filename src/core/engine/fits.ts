/** What a model would take on a device with each of several size options, from its configuration and headers alone. */
import { DiffusionError } from "../error.ts";
import type { Model } from "../model/index.ts";
import type { BackendFactory } from "../tensor/index.ts";
import { type ModelSource, resolveWeights } from "../weights/index.ts";
import { limitsText, residentWeightBytes } from "./backend/checkLimits.ts";
import { makeBackend } from "./backend/makeBackend.ts";
import { chooseCapacity, type SizeOptions, sizesOf } from "./backend/sizes.ts";
import { type LoadedFiles, readModelFiles } from "./modelFiles.ts";

/** One choice of sizes. */
export interface Fit {
  readonly options: SizeOptions;
  /** Positions of a sequence. */
  readonly context: number;
  /** Bytes in the backend's memory: weights, keys and values, scratch. */
  readonly weightBytes: number;
  readonly cacheBytes: number;
  readonly arenaBytes: number;
  /** Which limit of the device these sizes exceed. Absent if they exceed none. */
  readonly problem?: string;
}

export interface Fits {
  readonly family: string;
  /** Elements of all weights. */
  readonly parameters: number;
  /** Maximum positions of a sequence. */
  readonly context: number;
  /** Bytes of the weights in the checkpoint. */
  readonly checkpointBytes: number;
  /** The names of the files that hold the weights. */
  readonly files: readonly string[];
  /** A description of the device. */
  readonly device: string;
  /** In the order of the choices. Choices that the model does not allow are left out. */
  readonly fits: readonly Fit[];
}

export interface FitsOptions {
  /** Makes a backend, whose limits are checked. It is disposed after the check. */
  readonly backend: BackendFactory;
  /** The size options to compare for a model. */
  readonly choices: (model: Model) => readonly SizeOptions[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compares size options before any weight is read: files and device are opened once for all of them.
 * @throws DiffusionError as `Engine.plan`
 */
export async function fitsOf(source: ModelSource, options: FitsOptions): Promise<Fits> {
  const { signal } = options;
  const files = await readModelFiles(source, { signal, headersOnly: true });
  const { model, checkpoint } = files;
  const backend = await makeBackend(options.backend, signal, "check the limits of the device");
  try {
    const parameters = sizesOf(files, chooseCapacity(model, {})).parameters;
    const fits = options.choices(model).flatMap((choice): readonly Fit[] => {
      const weights = weightsOf(files, choice);
      if (!weights) return [];
      const sizes = sizesOf({ model, checkpoint, weights }, chooseCapacity(model, choice));
      const { context, cacheBytes, arenaBytes, plans } = sizes;
      const problem = limitsText(backend.exceededLimits?.(plans) ?? [], sizes);
      const weightBytes = residentWeightBytes(backend, sizes);
      const fit = { options: choice, context, weightBytes, cacheBytes, arenaBytes };
      return [problem === undefined ? fit : { ...fit, problem }];
    });
    return {
      family: model.family,
      parameters,
      context: model.architecture.context,
      checkpointBytes: checkpoint.bytes,
      files: checkpoint.files,
      device: backend.device,
      fits,
    };
  } finally {
    await backend.dispose();
  }
}

/** Undefined if the model has nothing to quantize. */
function weightsOf({ model, checkpoint, weights }: LoadedFiles, { quantize = "none" }: SizeOptions) {
  if (quantize === "none") return weights;
  try {
    return resolveWeights(model.weights, checkpoint, { ignore: model.ignore, quantize });
  } catch (error) {
    if (error instanceof DiffusionError && error.code === "unsupported") return undefined;
    throw error;
  }
}
