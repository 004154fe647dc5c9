/** A use of the backend that is no sequence: it waits for its place as requests do, has it between two passes, and is gone. */
import type { Backend, SlotId } from "../tensor/index.ts";
import type { Wish } from "./schedule.ts";

export type Use<T> = (backend: Backend, slot: SlotId) => Promise<T>;

export interface LoanOptions {
  readonly priority?: number;
  /** Whoever asked has left once it has fired. */
  readonly signal?: AbortSignal | undefined;
}

export class Loan<T = unknown> {
  readonly wish: Wish;
  /** What the use came to. */
  readonly result: Promise<T>;
  readonly #use: Use<T>;
  readonly #signal: AbortSignal | undefined;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor(positions: number, use: Use<T>, { priority = 0, signal }: LoanOptions = {}) {
    this.wish = { positions, priority, arrivedAt: performance.now(), deadlineAt: Infinity };
    this.#use = use;
    this.#signal = signal;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get abandoned(): boolean {
    return this.#signal?.aborted ?? false;
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

  fail(error: unknown): void {
    this.#reject(error);
  }
}
