/** What the scheduler queues and admits: requests, and one-off jobs on the backend. */
import type { Backend, SlotId } from "../../tensor/index.ts";
import type { LostEvent, RecoveredEvent } from "../events/events.ts";
import type { AdmissionRequest } from "./schedule.ts";

/** What admitted work is given. */
export interface Place {
  readonly backend: Backend;
  /** One for each of `slotLengths`, side by side in the K/V pool. */
  readonly slots: readonly SlotId[];
  /** Whether an error comes of a lost device: then the work is done once more, on another device. */
  isDeviceLost(error: unknown): boolean;
}

/** @typeParam Running what goes on in the slots of work that was admitted */
export interface Schedulable<Running = unknown> {
  readonly admission: AdmissionRequest;
  /** Positions of each slot that is wanted. */
  readonly slotLengths: readonly number[];
  /** Whether no caller waits for the work any more: it failed, or the caller left. */
  readonly abandoned: boolean;
  /** Whether the work runs at once and alone when it is admitted, with no submission under way. */
  readonly exclusive: boolean;
  /**
   * Starts in slots of its own. Returns what goes on in them; undefined if the work is done.
   * @throws the backend's error after a device loss
   */
  enter(place: Place): Promise<Running | undefined>;
  fail(error: unknown): void;
  /** Fails as the deadline has passed. */
  expire(now: number): void;
  /** The device is lost; `restart` follows on another device, or `fail`. */
  lose(lost: LostEvent): void;
  /** Starts over on another device. */
  restart(recovered: RecoveredEvent): void;
}
