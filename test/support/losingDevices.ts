/** Backends whose devices are lost when a test says so: from then on every call rejects, as the trait asks. */
import { DiffusionError } from "../../src/core/index.ts";
import type { BackendFactory } from "../../src/core/tensor/index.ts";

export type Call = "load" | "prepare" | "openSlot" | "closeSlot" | "copyCache" | "submit" | "commit" | "read";

/** A device is lost at its `at`-th call (from 1) of this name. */
export interface LossPoint {
  readonly call: Call;
  readonly at: number;
  /** Whether `lost` never tells of it. */
  readonly silent?: boolean;
}

export class LosingDevices {
  readonly #inner: BackendFactory;
  readonly #points: (device: number) => LossPoint | undefined;
  /** Devices made, and those that were disposed. */
  made = 0;
  disposed = 0;
  /** Calls of lost devices. */
  refused = 0;
  /** Calls of the newest device, by name. */
  calls = new Map<string, number>();
  #lose: () => void = () => {};
  /** What a factory waits for, once. */
  beforeMaking: (() => Promise<unknown>) | undefined;

  /** @param points when each device, counted from 0, is lost; undefined for never */
  constructor(inner: BackendFactory, points: (device: number) => LossPoint | undefined = () => undefined) {
    this.#inner = inner;
    this.#points = points;
  }

  /** The newest device is lost now. */
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
