/** The sizes of an engine, from the caller's options and the model. */
import { DiffusionError, found } from "../../error.ts";
import { buildPlans, type Model } from "../../model/index.ts";
import {
  type CacheDType,
  type Capacity,
  cacheDTypes,
  type DType,
  dtypeBytes,
  elementCount,
  elementsOf,
  f32OrQuantized,
  type ModelPlans,
  planArena,
  residentDType,
  storedWeightDTypes,
  type WeightEntry,
} from "../../tensor/index.ts";
import type { Checkpoint, Quantization } from "../../weights/index.ts";
import { type WeightTypeSize, weightTypeSizes } from "./weightSizes.ts";

export interface SizeOptions {
  /** Maximum positions of a sequence; by default the model's context. */
  readonly context?: number;
  /** The type of cached keys and values. f16 takes half the bytes of f32 and rounds. Default f32. */
  readonly cacheDType?: CacheDType;
  /**
   * The type that weight matrices are quantized to while they are loaded; `none` (default) keeps them as in the checkpoint. `q8_0` takes 8.5 bits per weight and changes logits slightly; fewer bits change them more.
   */
  readonly quantize?: Quantization;
  /** Sequences of the full context that the K/V pool holds. Excludes `cachePositions`. */
  readonly batch?: number;
  /** Positions of the K/V pool. By default those of as many contexts as fit in 1 GiB, from one to eight. Excludes `batch`. */
  readonly cachePositions?: number;
}

const defaultPoolBytes = 2 ** 30;
const defaultPoolContexts = 8;
/** Minimum capacity of a pass in tokens, unless the pool has fewer positions. */
export const minPassTokens = 1024;

export interface ChosenCapacity {
  /** Maximum positions of a sequence. */
  readonly context: number;
  readonly capacity: Capacity;
  readonly cacheDType: CacheDType;
}

/**
 * The capacity that the options ask for.
 * @throws DiffusionError `invalid-request` if a size is not a positive integer or exceeds the model's context
 */
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
  const defaultPositions = context * Math.max(1, Math.min(contexts, defaultPoolContexts));
  if (options.batch !== undefined && options.cachePositions !== undefined) {
    const message = `Cannot load the model as 'batch' and 'cachePositions' exclude each other: found ${options.batch} and ${options.cachePositions}`;
    throw new DiffusionError("invalid-request", message);
  }
  const requested = options.batch === undefined ? undefined : context * positive("batch", options.batch);
  const positions = positive("cachePositions", options.cachePositions ?? requested ?? defaultPositions);
  const tokens = Math.max(context, Math.min(positions, minPassTokens));
  return { context, capacity: { tokens, rows: tokens, positions }, cacheDType };
}

/** The parts of a model's files that determine sizes. */
export interface SizedFiles {
  readonly model: Model;
  readonly checkpoint: Pick<Checkpoint, "bytes">;
  readonly weights: readonly WeightEntry[];
}

export interface EngineSizes extends ChosenCapacity {
  readonly plans: ModelPlans;
  /** Elements of all weights. */
  readonly parameters: number;
  /** Bytes of the weights in the checkpoint. */
  readonly checkpointBytes: number;
  /** Bytes of the weights in memory as f32; quantized weights stay quantized. */
  readonly weightBytes: number;
  /** Bytes of the weights in memory on a backend that keeps the checkpoint's types. */
  readonly storedWeightBytes: number;
  /** Types of the weights on such a backend, largest first. */
  readonly weightTypes: readonly WeightTypeSize[];
  readonly cacheBytes: number;
  readonly arenaBytes: number;
}

/** The sizes of an engine with the chosen capacity, computed before any weight is loaded. */
export function sizesOf({ model, checkpoint, weights }: SizedFiles, chosen: ChosenCapacity): EngineSizes {
  const { capacity, cacheDType, context } = chosen;
  const plans = buildPlans({ ...model.architecture, context }, weights, capacity, cacheDType);
  const bytes = (residentDTypes: readonly DType[]) =>
    weights.reduce(
      (sum, { dtype, shape }) =>
        sum + dtypeBytes(residentDType(dtype, { residentDTypes }), elementCount(shape)),
      0,
    );
  const caches = plans.body.tensors.filter(({ storage }) => storage === "cache");
  return {
    ...chosen,
    plans,
    parameters: weights.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    checkpointBytes: checkpoint.bytes,
    weightBytes: bytes(f32OrQuantized),
    storedWeightBytes: bytes(storedWeightDTypes),
    weightTypes: weightTypeSizes(weights),
    cacheBytes: caches.reduce(
      (sum, tensor) => sum + dtypeBytes(tensor.dtype, elementsOf(tensor, capacity)),
      0,
    ),
    arenaBytes: Math.max(planArena(plans.body).bytes, planArena(plans.head).bytes),
  };
}

/** Default maximum positions of a prompt that one pass encodes. */
const defaultPrefillTokens = 256;

export interface PrefillOptions {
  /** Block-causal models: maximum positions of a prompt that one pass encodes, but at least one block. Default 256. */
  readonly prefillTokens?: number;
  /**
   * Block-causal models: whether requests with a common prompt prefix encode the prefix once. Default true. With false, the
   * passes of a request do not depend on other requests. The tokens are the same either way.
   */
  readonly sharePrompts?: boolean;
}

/** The options with their defaults. @throws DiffusionError `invalid-request` */
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
