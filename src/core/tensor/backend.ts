/**
 * The tensor trait: what a backend is to the engine. A backend only computes; which positions, which rows and
 * what is committed are the core's to decide.
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
   * Called with the pipelines that are compiled and that there are in all: before the first is compiled, then after each.
   * Never where nothing is compiled.
   */
  readonly onCompiled?: ((compiledCount: number, pipelineCount: number) => void) | undefined;
}

/** The two Plans of a model that share an arena. */
export interface ModelPlans {
  readonly body: Plan;
  readonly head: Plan;
}

export interface SlotRange {
  readonly slot: SlotId;
  /** The slot's first position in the K/V pool, and how many positions it has. */
  readonly base: number;
  readonly length: number;
}

export interface Backend {
  readonly name: string;
  /** What it runs on, in words. */
  readonly device: string;
  readonly limits: BackendLimits;
  /**
   * Resolves with the reason once the device is lost; never for a device that cannot be. Then every call but `dispose`
   * rejects with a `device-lost` error, those that wait for the device included.
   */
  readonly lost: Promise<Error>;
  /**
   * What of these Plans the device cannot hold, known from their shapes before anything is loaded. Absent where memory as
   * a whole is the only limit.
   */
  exceededLimits?(plans: ModelPlans): readonly LimitExceeded[];
  /** Loads weights; the pieces of each fill its shape, converted to what the backend computes with. */
  load(entries: readonly WeightEntry[], options?: WeightLoadOptions): Promise<void>;
  /** Allocates arena and K/V pool and makes everything that steps need, so that a step allocates nothing. */
  prepare(plans: ModelPlans, options?: PrepareOptions): Promise<void>;
  openSlot(range: SlotRange): Promise<void>;
  closeSlot(slot: SlotId): Promise<void>;
  /** Copies keys and values of the positions [start, end). */
  copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void>;
  /** Runs one pass in host mode and answers its head requests. The caller may keep the statistics. */
  submit(pass: ForwardPass): Promise<PassStatistics>;
  commit(changes: readonly SlotChange[]): Promise<void>;
  /** Absent where decoders run on the host only. */
  readonly loop?: DeviceLoop | undefined;
  /** Time by op of all steps so far, where the backend measures it. */
  readonly times?: readonly { readonly op: string; readonly dispatches: number; readonly ms: number }[];
  /** A copy of a cache or boundary tensor as the last pass left it: for tests and debugging. */
  read(name: string): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Makes a backend; engines get one of these, as the core imports no backend. */
export type BackendFactory = () => Promise<Backend>;
