/**
 * The interface between the engine and its backends. A backend computes forward passes. The core decides which positions a
 * pass computes, which rows the head computes, and which tokens are committed.
 */
import type { DeviceLoop } from "./deviceLoop.ts";
import type { ForwardPass, SlotChange } from "./forwardPass.ts";
import type { BackendLimits, LimitExceeded } from "./limits.ts";
import type { Plan } from "./plan.ts";
import type { SlotId } from "./span.ts";
import type { PassStatistics } from "./statistics.ts";
import type { WeightEntry } from "./weight.ts";

export interface WeightLoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of loaded bytes and of all bytes: before the first read, then after each range. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

export interface PrepareOptions {
  /**
   * Called with the number of compiled pipelines and of all pipelines: before the first is compiled, then after each. Not
   * called if the backend compiles nothing.
   */
  readonly onCompiled?: ((compiledCount: number, pipelineCount: number) => void) | undefined;
}

/** The two Plans of a model. They share an arena. */
export interface ModelPlans {
  readonly body: Plan;
  readonly head: Plan;
  /**
   * Token capacities for which a backend may prepare passes, ascending; the last is that of the Plans. All share the memory
   * of the last: in a smaller bucket, each tensor occupies a prefix of its place in the arena. `bucketOf` gives the bucket of
   * a pass. Backends whose passes take any number of tokens do without.
   */
  readonly buckets: readonly number[];
}

export interface SlotRange {
  readonly slot: SlotId;
  /** The first position of the slot in the K/V pool. */
  readonly base: number;
  /** Number of positions. */
  readonly length: number;
}

export interface Backend {
  readonly name: string;
  /** A description of the device. */
  readonly device: string;
  readonly limits: BackendLimits;
  /**
   * Resolves with the reason when the device is lost. After a loss, all pending and later calls except `dispose` reject with a
   * `device-lost` error. Never resolves for a device that cannot be lost.
   */
  readonly lost: Promise<Error>;
  /**
   * The parts of the Plans that the device cannot hold, computed from shapes before anything is loaded. Absent if total
   * memory is the backend's only limit.
   */
  exceededLimits?(plans: ModelPlans): readonly LimitExceeded[];
  /**
   * Loads weights, converted to the types that the backend keeps.
   * @param plans those that `prepare` gets: they say which weights are used together
   */
  load(entries: readonly WeightEntry[], plans: ModelPlans, options?: WeightLoadOptions): Promise<void>;
  /** Allocates the arena and the K/V pool, and creates everything else that passes need. A pass allocates nothing. */
  prepare(plans: ModelPlans, options?: PrepareOptions): Promise<void>;
  /** Opens a slot for a sequence, on a free range of the K/V pool. */
  openSlot(range: SlotRange): Promise<void>;
  closeSlot(slot: SlotId): Promise<void>;
  /** Copies the keys and values of positions [start, end) from one slot to another. */
  copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void>;
  /** Runs one forward pass and returns the statistics that its head requests ask for. The backend does not reuse them. */
  submit(pass: ForwardPass): Promise<PassStatistics>;
  /** Writes tokens and soft embeddings to slots. */
  commit(changes: readonly SlotChange[]): Promise<void>;
  /** The decode loop on the device; absent if decoders only run on the host. */
  readonly loop?: DeviceLoop | undefined;
  /** Total time by op; absent if the backend does not measure it. */
  readonly times?: readonly { readonly op: string; readonly dispatches: number; readonly ms: number }[];
  /** A copy of a cache or boundary tensor after the last pass, for tests and debugging. */
  read(name: string): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Creates a backend. Callers pass a factory to the engine, as the core imports no backend. */
export type BackendFactory = () => Promise<Backend>;
