/** The backend of an engine. After a device loss it can be reopened on another device. */
import { DiffusionError, found } from "../../error.ts";
import type { Backend } from "../../tensor/index.ts";
import { type BackendParts, type OpenOptions, openBackend } from "./openBackend.ts";

/** Maximum replacements in a row without progress in between. */
const maxAttempts = 3;

export interface Reopening {
  /** Replacements since the engine last made progress, this one included. */
  readonly attempt: number;
  /** Time that the replacement took, ms. */
  readonly ms: number;
}

export class ResilientBackend {
  readonly #parts: BackendParts;
  readonly #stop = new AbortController();
  #current: Backend;
  #disposed = false;
  /** The loss of the current device; undefined while the device works. */
  #loss: DiffusionError | undefined;
  /** Replacements since the engine last made progress. */
  #attempts = 0;

  /** Opens the first backend. A device loss while it opens is an error. @throws as `openBackend` */
  static async open(parts: BackendParts, options: OpenOptions): Promise<ResilientBackend> {
    return new ResilientBackend(parts, await openBackend(parts, options));
  }

  private constructor(parts: BackendParts, backend: Backend) {
    this.#parts = parts;
    this.#current = backend;
    this.#listen(backend);
  }

  /** The backend. After a device loss, the lost one until `reopen` has replaced it. */
  get current(): Backend {
    return this.#current;
  }

  /** Whether the device is lost and not yet replaced. */
  get lost(): boolean {
    return this.#loss !== undefined;
  }

  /** What the lost device gave as the reason, for people; empty while the device works. */
  get lossReason(): string {
    const cause = this.#loss?.cause;
    return cause instanceof Error ? cause.message : (this.#loss?.message ?? "");
  }

  /** Whether an error of the backend is due to a device loss. */
  isDeviceLost(error: unknown): boolean {
    if (error instanceof DiffusionError && error.code === "device-lost") this.#loss ??= error;
    return this.lost;
  }

  /** Records progress: the count of replacements starts at 0 again. */
  markHealthy(): void {
    this.#attempts = 0;
  }

  /**
   * Replaces the backend after a device loss.
   * @throws DiffusionError `device-lost` if no replacement can be opened, or after `maxAttempts` replacements without progress
   */
  async reopen(): Promise<Reopening> {
    const before = performance.now();
    for (let loss = this.#loss; loss; loss = this.#loss) {
      if (this.#attempts === maxAttempts) {
        const message = `Cannot continue as the device was lost again after ${maxAttempts} replacements`;
        throw new DiffusionError("device-lost", message, { cause: loss });
      }
      this.#attempts++;
      await this.dispose();
      await this.#replace();
    }
    return { attempt: this.#attempts, ms: performance.now() - before };
  }

  /** Aborts a `reopen` that is waiting for a device or for weights. */
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
      const message = `Cannot continue as the device was lost and no replacement could be opened: found ${reason}`;
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
