/** A one-off backend job outside any sequence, queued and admitted like a request. It runs between passes, alone. */
import { DiffusionError } from "../../error.ts";
import type { Backend, SlotId } from "../../tensor/index.ts";
import type { Place, Schedulable } from "./schedulable.ts";
import type { AdmissionRequest } from "./schedule.ts";
import { deadlineAt, deadlineError, type Urgency } from "./urgency.ts";

export type BackendJob<T> = (backend: Backend, slot: SlotId) => Promise<T>;

export interface ExclusiveJobOptions {
  /** By default none: the job waits without a deadline. */
  readonly urgency?: Urgency;
  /** Fires when the caller does not want the result any more. */
  readonly signal?: AbortSignal | undefined;
}

export class ExclusiveJob<T = unknown> implements Schedulable<never> {
  readonly admission: AdmissionRequest;
  readonly slotLengths: readonly number[];
  readonly exclusive = true;
  readonly result: Promise<T>;
  readonly #job: BackendJob<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #urgency: Urgency;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #failed = false;
  readonly #onAbort = () => {
    this.fail(new DiffusionError("aborted", "Cannot run a job on the backend as its caller aborted it"));
  };

  /** @param positions of the job's slot */
  constructor(positions: number, job: BackendJob<T>, { urgency, signal }: ExclusiveJobOptions = {}) {
    const now = performance.now();
    this.#urgency = urgency ?? { priority: 0, acceptedAt: now, deadlineMs: null };
    const { priority } = this.#urgency;
    this.admission = { positions, priority, arrivedAt: now, deadlineAt: deadlineAt(this.#urgency) };
    this.slotLengths = [positions];
    this.#job = job;
    this.#signal = signal;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  get abandoned(): boolean {
    return this.#failed;
  }

  /** Runs the job. An error fails the job's result, unless the device was lost: then the job may run once more. */
  async enter({ backend, slots, isDeviceLost }: Place): Promise<undefined> {
    try {
      this.#resolve(await this.#job(backend, slots[0]!));
      this.#signal?.removeEventListener("abort", this.#onAbort);
    } catch (error) {
      if (isDeviceLost(error)) throw error;
      this.fail(error);
    }
    return undefined;
  }

  expire(now: number): void {
    this.fail(deadlineError(this.#urgency, now));
  }

  fail(error: unknown): void {
    this.#failed = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#reject(error);
  }

  lose(): void {}

  restart(): void {}
}
