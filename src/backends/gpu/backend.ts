/**
 * A backend on a device that has kernels. A Plan becomes a list of bound kernels, once. A forward pass writes a descriptor,
 * runs the kernels, and reads results back.
 */
import { DiffusionError } from "../../core/error.ts";
import {
  type Backend,
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
  storedWeightDTypes,
  type WeightEntry,
  type WeightLoadOptions,
} from "../../core/tensor/index.ts";
import { toF32 } from "../../core/weights/convert.ts";
import type { ComputeDevice, OpTime } from "./device.ts";
import { deviceDecodersOf } from "./deviceDecoders.ts";
import { GpuLoop } from "./deviceLoop.ts";
import { exceededLimitsOf } from "./exceededLimits.ts";
import { HostSteps } from "./hostSteps.ts";
import { maxSpans } from "./layout/limits.ts";
import { DeviceMemory } from "./memory/memory.ts";
import { DeviceWeights } from "./memory/weights.ts";
import { type Prepared, prepare } from "./prepared.ts";

export interface GpuBackendOptions {
  readonly name: string;
  /** Maximum bytes of a shard of a weight, if less than the device binds. */
  readonly maxBindingBytes?: number | undefined;
}

export class GpuBackend implements Backend {
  readonly name: string;
  readonly device: string;
  readonly limits: Backend["limits"];
  readonly lost: Promise<Error>;
  readonly #device: ComputeDevice;
  readonly #decoders: ReturnType<typeof deviceDecodersOf>;
  readonly #weights: DeviceWeights;
  readonly #memory: DeviceMemory;
  #prepared: Prepared | undefined;
  #disposed = false;
  readonly loop: DeviceLoop;
  readonly #steps: HostSteps;

  /** @param device disposed with the backend */
  constructor(device: ComputeDevice, { name, maxBindingBytes = Infinity }: GpuBackendOptions) {
    const bindingBytes = Math.min(device.capabilities.bindingBytes, maxBindingBytes);
    this.name = name;
    this.#device = device;
    this.device = device.description;
    this.limits = { maxBindingBytes: bindingBytes, maxSpans, residentDTypes: storedWeightDTypes };
    this.#decoders = deviceDecodersOf(device.kernels);
    this.#weights = new DeviceWeights(device, bindingBytes);
    this.#memory = new DeviceMemory(device);
    this.loop = new GpuLoop({ device, decoders: this.#decoders, ready: () => this.#ready() });
    this.#steps = new HostSteps(device);
    this.lost = device.lost;
  }

  exceededLimits(plans: ModelPlans): readonly LimitExceeded[] {
    return exceededLimitsOf(plans, this.#device.capabilities, this.limits.maxBindingBytes);
  }

  async load(
    entries: readonly WeightEntry[],
    _plans: ModelPlans,
    options: WeightLoadOptions = {},
  ): Promise<void> {
    await this.#guard(() => this.#weights.load(entries, options));
  }

  async prepare(plans: ModelPlans, options: PrepareOptions = {}): Promise<void> {
    await this.#guard(async () => {
      this.#prepared = await prepare(
        { device: this.#device, memory: this.#memory, weights: this.#weights, decoders: this.#decoders },
        plans,
        options,
      );
      const { statistics, gathered, candidates, report } = this.#prepared.state;
      this.#device.expect(Math.max(statistics.size + gathered.size + candidates.size, report.size));
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
    const commands = this.#device.commands();
    // WebGPU does not copy within a buffer: the range passes through the workspace, piece by piece.
    const room = state.workspace.size;
    for (const cache of caches.map((name) => this.#memory.named(name).buffer)) {
      const width = cache.size / sizes.positions;
      const bytes = (end - start) * width;
      for (let at = 0; at < bytes; at += room) {
        const count = Math.min(room, bytes - at);
        const source = { buffer: cache, offset: (slots.base(from) + start) * width + at, bytes: count };
        commands.copy(source, state.workspace, 0);
        const passed = { buffer: state.workspace, offset: 0, bytes: count };
        commands.copy(passed, cache, (slots.base(to) + start) * width + at);
      }
    }
    await commands.submit();
  }

  async submit(pass: ForwardPass): Promise<PassStatistics> {
    return this.#steps.run(this.#ready(), pass);
  }

  async commit(changes: readonly SlotChange[]): Promise<void> {
    return this.#steps.commit(this.#ready(), changes);
  }

  /** Time by op of all passes so far; empty without the option `profile`. */
  get times(): readonly OpTime[] {
    return this.#device.times;
  }

  async read(name: string): Promise<Float32Array> {
    const { buffer, dtype } = this.#memory.named(name);
    const reading = await this.#device.reserve(buffer.size);
    const commands = this.#device.commands();
    commands.read(reading, [{ buffer, offset: 0, bytes: buffer.size }]);
    await commands.submit();
    const words = await reading.words();
    const values = new Float32Array(dtypeElements(dtype, buffer.size));
    toF32(new Uint8Array(words.buffer, 0, buffer.size), dtype, values);
    return values;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#prepared) {
      const { step, softEmbeddings, logits } = this.#prepared;
      for (const program of [step, softEmbeddings, ...logits.map((chunk) => chunk.program)])
        program.dispose();
    }
    this.#prepared = undefined;
    this.#weights.dispose();
    this.#memory.dispose();
    this.#device.dispose();
  }

  #ready(): Prepared {
    if (this.#device.lostError) throw this.#device.lostError;
    if (this.#disposed || !this.#prepared) {
      throw new DiffusionError("disposed", "Cannot use the backend as it is disposed or not prepared");
    }
    return this.#prepared;
  }

  /** Runs something long. If the device is lost while it runs, that is the error. */
  async #guard(run: () => Promise<void>): Promise<void> {
    if (this.#device.lostError) throw this.#device.lostError;
    try {
      await run();
    } catch (error) {
      throw this.#device.lostError ?? error;
    }
    if (this.#device.lostError) throw this.#device.lostError;
    this.#device.throwPendingError();
  }
}
