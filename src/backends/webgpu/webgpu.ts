/**
 * The WebGPU backend. A Plan becomes a list of dispatches, whose pipelines and bind groups are created once. A forward pass
 * writes a descriptor, records the dispatches as one compute pass, and reads results back.
 */
import { bug, DiffusionError } from "../../core/error.ts";
import {
  type Backend,
  type BackendFactory,
  type DeviceLoop,
  dtypeElements,
  type ForwardPass,
  type LimitExceeded,
  type ModelPlans,
  type PassStatistics,
  type PrepareOptions,
  type SlotChange,
  type SlotId,
  type SlotRange,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import { toF32 } from "../../core/weights/convert.ts";
import { type OpenDevice, openDevice, type WebgpuOptions } from "./device.ts";
import { WebgpuLoop } from "./deviceLoop.ts";
import { exceededLimitsOf } from "./exceededLimits.ts";
import { HostSteps } from "./hostSteps.ts";
import { maxSpans } from "./layout/limits.ts";
import { DeviceMemory } from "./memory/memory.ts";
import { Readback } from "./memory/readback.ts";
import { DeviceWeights } from "./memory/weights.ts";
import { type Prepared, prepare } from "./prepared.ts";
import type { OpTime } from "./profiler.ts";
import { selfTest } from "./selfTest/selfTest.ts";

class WebgpuBackend implements Backend {
  readonly name = "webgpu";
  readonly device: string;
  readonly limits: Backend["limits"];
  readonly lost: Promise<Error>;
  readonly #open: OpenDevice;
  readonly #weights: DeviceWeights;
  readonly #memory: DeviceMemory;
  readonly #readback: Readback;
  #prepared: Prepared | undefined;
  #lostError: Error | undefined;
  #disposed = false;
  /** The first validation error that no error scope caught; thrown by the next call. */
  #uncaptured: string | undefined;
  readonly #onUncaptured = (event: GPUUncapturedErrorEvent) => {
    this.#uncaptured ??= event.error.message;
  };
  readonly loop: DeviceLoop;
  readonly #steps: HostSteps;
  readonly #profile: boolean;

  constructor(open: OpenDevice, options: WebgpuOptions) {
    const { device, capabilities, description } = open;
    const bindingBytes = Math.min(capabilities.bindingBytes, options.maxBindingBytes ?? Infinity);
    this.#open = open;
    this.#profile = options.profile ?? false;
    this.device = description;
    this.limits = { maxBindingBytes: bindingBytes, maxSpans, keepsStoredTypes: true };
    this.#weights = new DeviceWeights(device, bindingBytes);
    this.#memory = new DeviceMemory(device, capabilities.bindingBytes);
    this.#readback = new Readback(device, () => this.#lostError);
    const ready = () => this.#ready();
    const throwPendingError = () => this.#throwPendingError();
    this.loop = new WebgpuLoop({
      device,
      readback: this.#readback,
      profile: this.#profile,
      ready,
      throwPendingError,
    });
    this.#steps = new HostSteps(device, this.#readback, throwPendingError);
    this.lost = new Promise((resolve) => {
      device.lost.then(({ message, reason }) => {
        if (this.#disposed) return;
        this.#lostError = new DiffusionError("device-lost", `The device was lost: ${message || reason}`);
        resolve(this.#lostError);
      });
    });
    device.addEventListener("uncapturederror", this.#onUncaptured);
  }

  exceededLimits(plans: ModelPlans): readonly LimitExceeded[] {
    return exceededLimitsOf(plans, this.#open.capabilities, this.limits.maxBindingBytes);
  }

  async load(entries: readonly WeightEntry[], options: WeightLoadOptions = {}): Promise<void> {
    await this.#guard(() => this.#weights.load(entries, options));
  }

  async prepare(plans: ModelPlans, options: PrepareOptions = {}): Promise<void> {
    await this.#guard(async () => {
      const prepareOptions = { ...options, profile: this.#profile };
      this.#prepared = await prepare(this.#open, this.#memory, this.#weights, plans, prepareOptions);
      const { statistics, gathered, candidates, report } = this.#prepared.state;
      this.#readback.expect(Math.max(statistics.size + gathered.size + candidates.size, report.size));
    });
  }

  async openSlot(range: SlotRange): Promise<void> {
    this.#ready().slots.open(range);
  }

  async closeSlot(slot: SlotId): Promise<void> {
    this.#prepared?.slots.close(slot);
  }

  async copyCache(from: SlotId, to: SlotId, start: number, end: number): Promise<void> {
    const { slots, sizes, state, caches } = this.#ready();
    const encoder = this.#open.device.createCommandEncoder();
    // WebGPU does not copy within a buffer: the range passes through the workspace, piece by piece.
    const room = state.workspace.size;
    for (const cache of caches.map((name) => this.#memory.named(name).buffer)) {
      const width = cache.size / sizes.positions;
      const bytes = (end - start) * width;
      for (let at = 0; at < bytes; at += room) {
        const count = Math.min(room, bytes - at);
        encoder.copyBufferToBuffer(cache, (slots.base(from) + start) * width + at, state.workspace, 0, count);
        encoder.copyBufferToBuffer(state.workspace, 0, cache, (slots.base(to) + start) * width + at, count);
      }
    }
    this.#open.device.queue.submit([encoder.finish()]);
  }

  async submit(pass: ForwardPass): Promise<PassStatistics> {
    return this.#steps.run(this.#ready(), pass);
  }

  async commit(changes: readonly SlotChange[]): Promise<void> {
    return this.#steps.commit(this.#ready(), changes);
  }

  /** Time by op of all passes so far; empty without the option `profile`. */
  get times(): readonly OpTime[] {
    return this.#prepared?.profiler?.times ?? [];
  }

  async read(name: string): Promise<Float32Array> {
    const { buffer, dtype } = this.#memory.named(name);
    const copy = await this.#readback.reserve(buffer.size);
    const encoder = this.#open.device.createCommandEncoder();
    copy.record(encoder, [{ buffer, offset: 0, bytes: buffer.size }]);
    this.#open.device.queue.submit([encoder.finish()]);
    const words = await copy.map();
    const values = new Float32Array(dtypeElements(dtype, buffer.size));
    toF32(new Uint8Array(words.buffer, 0, buffer.size), dtype, values);
    return values;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#prepared) {
      const { profiler, step, softEmbeddings, logits } = this.#prepared;
      profiler?.dispose();
      for (const program of [step, softEmbeddings, ...logits.map((chunk) => chunk.program)])
        program.dispose();
    }
    this.#prepared = undefined;
    this.#weights.dispose();
    this.#memory.dispose();
    this.#readback.dispose();
    this.#open.device.removeEventListener("uncapturederror", this.#onUncaptured);
    if (this.#open.owned) this.#open.device.destroy();
  }

  #ready(): Prepared {
    if (this.#lostError) throw this.#lostError;
    if (this.#disposed || !this.#prepared) {
      throw new DiffusionError("disposed", "Cannot use the backend as it is disposed or not prepared");
    }
    return this.#prepared;
  }

  /** Throws the error that the device reported since the last call, if there is one. */
  #throwPendingError(): void {
    if (this.#uncaptured === undefined) return;
    const message = this.#uncaptured;
    this.#uncaptured = undefined;
    throw bug(`The device refused a command: ${message}`);
  }

  /** Runs something long. If the device is lost while it runs, that is the error. */
  async #guard(run: () => Promise<void>): Promise<void> {
    if (this.#lostError) throw this.#lostError;
    try {
      await run();
    } catch (error) {
      throw this.#lostError ?? error;
    }
    if (this.#lostError) throw this.#lostError;
    this.#throwPendingError();
  }
}

/**
 * A factory of WebGPU backends.
 * @throws DiffusionError (the factory) `unsupported` without a suitable adapter or if the device fails the self-test,
 *   `device-lost` for a lost device
 */
export function webgpu(options: WebgpuOptions = {}): BackendFactory {
  return async () => {
    const open = await openDevice(options);
    if (options.selfTest === false) return new WebgpuBackend(open, options);
    try {
      const tested = await selfTest(open, (candidate) => new WebgpuBackend(candidate, {}));
      return new WebgpuBackend(tested, options);
    } catch (error) {
      if (open.owned) open.device.destroy();
      throw error;
    }
  };
}
