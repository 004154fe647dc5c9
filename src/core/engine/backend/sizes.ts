/** How large an engine is: chosen from what the caller asks for and what the model can do. */
import { DiffusionError, found } from "../../error.ts";
import { buildPlans, type Model } from "../../model/index.ts";
import {
  type CacheDType,
  type Capacity,
  cacheDTypes,
  dtypeBytes,
  elementCount,
  elementsOf,
  type ModelPlans,
  planArena,
  residentDType,
  type WeightEntry,
} from "../../tensor/index.ts";
import type { Checkpoint, WeightDType } from "../../weights/index.ts";

export interface SizeOptions {
  /** Positions of the longest sequence; by default the model's context. */
  readonly context?: number;
  /** What keys and values are kept in: f16 takes half the bytes and rounds them. Default f32. */
  readonly cacheDType?: CacheDType;
  /**
   * The type of matrices: as the checkpoint stores them (`stored`, the default), or quantized while they are loaded.
   * `q8_0` takes 8.5 bits a weight and changes logits a little.
   */
  readonly weightDType?: WeightDType;
  /** Sequences of that context that the K/V pool holds; `cachePositions` says it in positions. */
  readonly batch?: number;
  /** Positions of the K/V pool; by default eight contexts, or as many as fit in 1 GiB, one at least. */
  readonly cachePositions?: number;
}

const defaultPoolBytes = 2 ** 30;
const defaultPoolContexts = 8;
/** A pass over several sequences holds at least this many tokens, if the pool does. */
export const passTokens = 1024;

export interface ChosenCapacity {
  /** Positions of the longest sequence. */
  readonly context: number;
  readonly capacity: Capacity;
  readonly cacheDType: CacheDType;
}

/** @throws DiffusionError `invalid-request` if a size is not a positive integer, or above the model's context */
export function chooseCapacity(model: Model, options: SizeOptions): ChosenCapacity {
  const { architecture: a } = model;
  const context = positive("context", options.context ?? a.context);
  if (context > a.context) {
    const message = `Cannot load the model as 'context' must be at most its ${a.context} positions: found ${context}`;
    throw new DiffusionError("invalid-request", message);
  }
  const cacheDType = options.cacheDType ?? "f32";
  if (!cacheDTypes.includes(cacheDType)) {
    const message = `Cannot load the model as 'cacheDType' must be ${cacheDTypes.join(" or ")}: found ${found(cacheDType)}`;
    throw new DiffusionError("invalid-request", message);
  }
  if (cacheDType === "f16" && a.headDimension % 2 !== 0) {
    const message = `Cannot keep keys and values in f16 as heads must be an even number of elements wide: found ${a.headDimension}`;
    throw new DiffusionError("unsupported", message);
  }
  const positionBytes = 2 * dtypeBytes(cacheDType, a.kvHeads * a.headDimension) * a.feedForward.length;
  const contexts = Math.floor(defaultPoolBytes / (positionBytes * context));
  const fitting = context * Math.max(1, Math.min(contexts, defaultPoolContexts));
  if (options.batch !== undefined && options.cachePositions !== undefined) {
    const message = `Cannot load the model as 'batch' and 'cachePositions' say the same: found ${options.batch} and ${options.cachePositions}`;
    throw new DiffusionError("invalid-request", message);
  }
  const requested = options.batch === undefined ? undefined : context * positive("batch", options.batch);
  const positions = positive("cachePositions", options.cachePositions ?? requested ?? fitting);
  const tokens = Math.max(context, Math.min(positions, passTokens));
  return { context, capacity: { tokens, rows: tokens, positions }, cacheDType };
}

/** What sizes depend on: a model and its weights. */
export interface SizedFiles {
  readonly model: Model;
  readonly checkpoint: Pick<Checkpoint, "bytes">;
  readonly weights: readonly WeightEntry[];
}

export interface EngineSizes extends ChosenCapacity {
  readonly plans: ModelPlans;
  /** Elements of all weights. */
  readonly parameters: number;
  /** As the checkpoint stores them. */
  readonly checkpointBytes: number;
  /** In memory: f32, but for quantized weights. */
  readonly weightBytes: number;
  /** In memory on a backend that keeps the types of the checkpoint. */
  readonly storedWeightBytes: number;
  readonly cacheBytes: number;
  readonly arenaBytes: number;
}

/** What an engine of that capacity takes, before anything is loaded. */
export function sizesOf({ model, checkpoint, weights }: SizedFiles, chosen: ChosenCapacity): EngineSizes {
  const { capacity, cacheDType, context } = chosen;
  const plans = buildPlans({ ...model.architecture, context }, weights, capacity, cacheDType);
  const bytes = (keepsStoredTypes: boolean) =>
    weights.reduce(
      (sum, { dtype, shape }) =>
        sum + dtypeBytes(residentDType(dtype, { keepsStoredTypes }), elementCount(shape)),
      0,
    );
  const caches = plans.body.tensors.filter(({ storage }) => storage === "cache");
  return {
    ...chosen,
    plans,
    parameters: weights.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    checkpointBytes: checkpoint.bytes,
    weightBytes: bytes(false),
    storedWeightBytes: bytes(true),
    cacheBytes: caches.reduce(
      (sum, tensor) => sum + dtypeBytes(tensor.dtype, elementsOf(tensor, capacity)),
      0,
    ),
    arenaBytes: Math.max(planArena(plans.body).bytes, planArena(plans.head).bytes),
  };
}

/** Default size of the pieces in which a prompt is encoded, in positions. */
const defaultPrefillTokens = 256;

export interface PrefillOptions {
  /** Block-causal models: positions of prompts that one pass encodes at most, a block of the mask at least. Default 256. */
  readonly prefillTokens?: number;
  /**
   * Block-causal models: whether requests whose prompts begin alike encode that once. Default true; without, the passes of a
   * request do not depend on the others. The tokens are the same.
   */
  readonly sharePrompts?: boolean;
}

/** @throws DiffusionError `invalid-request` */
export function readPrefill({
  prefillTokens = defaultPrefillTokens,
  sharePrompts = true,
}: PrefillOptions): Required<PrefillOptions> {
  if (typeof sharePrompts !== "boolean") {
    const message = `Cannot load the model as 'sharePrompts' must be true or false: found ${found(sharePrompts)}`;
    throw new DiffusionError("invalid-request", message);
  }
  return { prefillTokens: positive("prefillTokens", prefillTokens), sharePrompts };
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new DiffusionError(
    "invalid-request",
    `Cannot load the model as '${name}' must be a positive integer: found ${value}`,
  );
}
