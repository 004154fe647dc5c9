/** The backend of an engine, and another one in its place when its device is lost. */
import { DiffusionError, found } from "../../error.ts";
import type { Backend } from "../../tensor/index.ts";
import { type BackendParts, type OpenOptions, openBackend } from "./openBackend.ts";

/** Maximum devices in a row that are replaced before one of them makes progress. */
const maxAttempts = 3;

export interface Reopening {
  /** 1, or more if the devices before were lost too before anything new came of them. */
  readonly attempt: number;
  readonly ms: number;
}

export class ResilientBackend {
  readonly #parts: BackendParts;
  readonly #stop = new AbortController();
  #current: Backend;
  #disposed = false;
  /** Why there is no device now. */
  #loss: DiffusionError | undefined;
  /** Renewals since something new came of a device. */
  #attempts = 0;

  /** @throws DiffusionError as `openBackend` does: a device that is lost here is not replaced */
  static async open(parts: BackendParts, options: OpenOptions): Promise<ResilientBackend> {
    return new ResilientBackend(parts, await openBackend(parts, options));
  }

  private constructor(parts: BackendParts, backend: Backend) {
    this.#parts = parts;
    this.#current = backend;
    this.#listen(backend);
  }

  /** The backend, or the one that was lost last. */
  get current(): Backend {
    return this.#current;
  }

  /** Whether there is no device now. */
  get lost(): boolean {
    return this.#loss !== undefined;
  }

  /** Whether an error of the backend's comes of a lost device. */
  isDeviceLost(error: unknown): boolean {
    if (error instanceof DiffusionError && error.code === "device-lost") this.#loss ??= error;
    return this.lost;
  }

  /** Something new came of the device: the next loss is a first one again. */
  markHealthy(): void {
    this.#attempts = 0;
  }

  /**
   * Replaces a backend whose device is lost.
   * @throws DiffusionError `device-lost` if no other one can be had, or too many were lost in a row
   */
  async reopen(): Promise<Reopening> {
    const before = performance.now();
    for (let loss = this.#loss; loss; loss = this.#loss) {
      if (this.#attempts === maxAttempts) {
        const message = `Cannot go on as the device was lost again after it had been replaced ${maxAttempts} times`;
        throw new DiffusionError("device-lost", message, { cause: loss });
      }
      this.#attempts++;
      await this.dispose();
      await this.#replace();
    }
    return { attempt: this.#attempts, ms: performance.now() - before };
  }

  /** Ends a `renew` that waits for its device or its weights. */
  stop(): void {
    this.#stop.abort();
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const disposing = this.#current.dispose();
    await (this.lost ? disposing.catch(() => {}) : disposing);
  }

  async #replace(): Promise<void> {
    try {
      this.#current = await openBackend(this.#parts, { signal: this.#stop.signal });
    } catch (error) {
      if (error instanceof DiffusionError && error.code === "device-lost") {
        this.#loss = error;
        return;
      }
      const reason = found(error instanceof Error ? error.message : error);
      const message = `Cannot go on as the device was lost and there is no other one: found ${reason}`;
      throw new DiffusionError("device-lost", message, { cause: error });
    }
    this.#loss = undefined;
    this.#disposed = false;
    this.#listen(this.#current);
  }

  #listen(backend: Backend): void {
    backend.lost.then((reason) => {
      if (backend !== this.#current) return;
      const message = `Cannot use ${backend.device} as the device was lost: found ${found(reason.message)}`;
      this.#loss ??= new DiffusionError("device-lost", message, { cause: reason });
    });
  }
}
