/** A use of the backend that is no sequence: it waits for its place as requests do, has it between two passes, and is gone. */
import type { Backend, SlotId } from "../../tensor/index.ts";
import type { AdmissionRequest } from "./schedule.ts";
import { deadlineAt, deadlineError, type Urgency } from "./urgency.ts";

export type BackendJob<T> = (backend: Backend, slot: SlotId) => Promise<T>;

export interface ExclusiveJobOptions {
  /** By default none: the use waits as long as it takes. */
  readonly urgency?: Urgency;
  /** Whoever asked has left once it has fired. */
  readonly signal?: AbortSignal | undefined;
}

export class ExclusiveJob<T = unknown> {
  readonly admission: AdmissionRequest;
  /** What the use came to. */
  readonly result: Promise<T>;
  readonly #use: BackendJob<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #urgency: Urgency;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;
  #failed = false;

  constructor(positions: number, use: BackendJob<T>, { urgency, signal }: ExclusiveJobOptions = {}) {
    const now = performance.now();
    this.#urgency = urgency ?? { priority: 0, acceptedAt: now, deadlineMs: null };
    const { priority } = this.#urgency;
    this.admission = { positions, priority, arrivedAt: now, deadlineAt: deadlineAt(this.#urgency) };
    this.#use = use;
    this.#signal = signal;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether nobody waits for its result any more. */
  get abandoned(): boolean {
    return this.#failed || (this.#signal?.aborted ?? false);
  }

  /** Runs the use. What it fails with is its own, but for what `isLoss`: that is thrown, and the use may run once more. */
  async run(backend: Backend, slot: SlotId, isLoss: (error: unknown) => boolean): Promise<void> {
    try {
      this.#resolve(await this.#use(backend, slot));
    } catch (error) {
      if (isLoss(error)) throw error;
      this.fail(error);
    }
  }

  /** Fails as its deadline has passed. */
  expire(now: number): void {
    this.fail(deadlineError(this.#urgency, now));
  }

  fail(error: unknown): void {
    this.#failed = true;
    this.#reject(error);
  }
}
