/**
 * The interface between engine and backends. A backend only computes; the core decides which positions a pass covers,
 * which rows are read, and which tokens are committed.
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
  /** Called with the bytes loaded so far and in all: first before anything is read, then after each range. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

export interface PrepareOptions {
  /**
   * Called with the number of compiled pipelines and of all: before the first is compiled, then after each. Never called
   * where nothing is compiled.
   */
  readonly onCompiled?: ((compiledCount: number, pipelineCount: number) => void) | undefined;
}

/** The two Plans of a model that share an arena. */
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
  /** In positions. */
  readonly length: number;
}

export interface Backend {
  readonly name: string;
  /** A description of the device. */
  readonly device: string;
  readonly limits: BackendLimits;
  /**
   * Resolves with the reason once the device is lost; never for a device that cannot be lost. From then on every call but
   * `dispose` rejects with a `device-lost` error, pending ones included.
   */
  readonly lost: Promise<Error>;
  /**
   * The parts of these Plans that the device cannot hold, computed from shapes before anything is loaded. Absent where
   * total memory is the only limit.
   */
  exceededLimits?(plans: ModelPlans): readonly LimitExceeded[];
  /** Loads weights: the pieces of each fill its shape, converted to the type that the backend keeps. */
  load(entries: readonly WeightEntry[], options?: WeightLoadOptions): Promise<void>;
  /** Allocates arena and K/V pool and creates everything that passes need, so that a pass allocates nothing. */
  prepare(plans: ModelPlans, options?: PrepareOptions): Promise<void>;
  openSlot(range: SlotRange): Promise<void>;
  closeSlot(slot: SlotId): Promise<void>;
  /** Copies keys and values of the positions [start, end). */
  copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void>;
  /** Runs one pass in host mode and answers its head requests. The caller may keep the statistics. */
  submit(pass: ForwardPass): Promise<PassStatistics>;
  commit(changes: readonly SlotChange[]): Promise<void>;
  /** Absent where decoders only run on the host. */
  readonly loop?: DeviceLoop | undefined;
  /** Total time by op, where the backend measures it. */
  readonly times?: readonly { readonly op: string; readonly dispatches: number; readonly ms: number }[];
  /** A copy of a cache or boundary tensor after the last pass, for tests and debugging. */
  read(name: string): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Creates a backend. Engines are given a factory, as the core imports no backend. */
export type BackendFactory = () => Promise<Backend>;
