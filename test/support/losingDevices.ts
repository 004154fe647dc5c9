/** Backends that lose their device at a given point. Afterwards every call rejects, as the Backend trait requires. */
import { DiffusionError } from "../../src/core/index.ts";
import type { BackendFactory } from "../../src/core/tensor/index.ts";

export type Call = "load" | "prepare" | "openSlot" | "closeSlot" | "copyCache" | "submit" | "commit" | "read";

/** The device is lost at the `at`-th call of this method, from 1. */
export interface LossPoint {
  readonly call: Call;
  readonly at: number;
  /** Whether the promise `lost` stays pending. */
  readonly silent?: boolean;
}

export class LosingDevices {
  readonly #inner: BackendFactory;
  readonly #points: (device: number) => LossPoint | undefined;
  /** Numbers of created and of disposed devices. */
  made = 0;
  disposed = 0;
  /** Number of calls after a device was lost. */
  refused = 0;
  /** Number of calls of the newest device by method. */
  calls = new Map<string, number>();
  #lose: () => void = () => {};
  /** Awaited before each device is created. */
  beforeMaking: (() => Promise<unknown>) | undefined;

  /** @param points the loss of each device, counted from 0; undefined for a device that is never lost */
  constructor(inner: BackendFactory, points: (device: number) => LossPoint | undefined = () => undefined) {
    this.#inner = inner;
    this.#points = points;
  }

  /** Loses the newest device now. */
  lose(): void {
    this.#lose();
  }

  readonly factory: BackendFactory = async () => {
    await this.beforeMaking?.();
    const point = this.#points(this.made++);
    const backend = await this.#inner();
    const calls = new Map<string, number>();
    this.calls = calls;
    let isLost = false;
    let resolve: (reason: Error) => void = () => {};
    const lost = new Promise<Error>((settle) => {
      resolve = settle;
    });
    this.#lose = () => {
      isLost = true;
      if (!point?.silent) resolve(new Error("unplugged"));
    };
    const lose = this.#lose;
    return new Proxy(backend, {
      get: (target, name) => {
        if (name === "lost") return lost;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        // Arithmetic on sizes, which no device answers.
        if (name === "exceededLimits") return value.bind(target);
        return async (...values: unknown[]) => {
          if (name === "dispose") this.disposed++;
          else {
            const count = (calls.get(String(name)) ?? 0) + 1;
            calls.set(String(name), count);
            if (point?.call === name && point.at === count) lose();
            if (isLost) this.refused++;
            if (isLost) throw new DiffusionError("device-lost", "Cannot compute as the device was lost");
          }
          return value.apply(target, values);
        };
      },
    });
  };
}
