/** A GPUDevice as the device of a GPU backend: pipelines, staging buffers, errors and times are WebGPU's. */
import { bug, DiffusionError } from "../../core/error.ts";
import type { BufferRange, DeviceBuffer } from "../gpu/buffer.ts";
import type { Capabilities } from "../gpu/capabilities.ts";
import type { Commands, ComputeDevice, OpTime, Program, ProgramOptions, Reading } from "../gpu/device.ts";
import type { KernelSpec } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import { descriptorBytes } from "../gpu/layout/limits.ts";
import { createBuffer } from "./buffer.ts";
import type { OpenDevice } from "./device.ts";
import { Kernels } from "./pipelines.ts";
import { Profiler } from "./profiler.ts";
import { DispatchList, type StepGroups } from "./program.ts";
import { Readback, type StagedCopy } from "./readback.ts";
import { shaderNames } from "./shaderText.ts";

// Storage and uniform, copied to and from.
const usage = 0x80 | 0x40 | 0x08 | 0x04;

export class WebgpuDevice implements ComputeDevice {
  readonly description: string;
  readonly capabilities: Capabilities;
  readonly kernels: readonly string[] = shaderNames;
  readonly profiles: boolean;
  readonly lost: Promise<Error>;
  readonly #device: GPUDevice;
  readonly #owned: boolean;
  readonly #readback: Readback;
  #profiler: Profiler | undefined;
  #lostError: Error | undefined;
  #disposed = false;
  /** The first validation error that no error scope caught; thrown by the next call. */
  #uncaptured: string | undefined;
  readonly #onUncaptured = (event: GPUUncapturedErrorEvent) => {
    this.#uncaptured ??= event.error.message;
  };

  /** @param profiles whether times are measured, if the device supports it */
  constructor({ device, capabilities, description, owned }: OpenDevice, profiles: boolean) {
    this.#device = device;
    this.#owned = owned;
    this.description = description;
    this.capabilities = capabilities;
    this.profiles = profiles;
    this.#readback = new Readback(device, () => this.#lostError);
    this.lost = new Promise((resolve) => {
      device.lost.then(({ message, reason }) => {
        if (this.#disposed) return;
        this.#lostError = new DiffusionError("device-lost", `The device was lost: ${message || reason}`);
        resolve(this.#lostError);
      });
    });
    device.addEventListener("uncapturederror", this.#onUncaptured);
  }

  get lostError(): Error | undefined {
    return this.#lostError;
  }

  get times(): readonly OpTime[] {
    return this.#profiler?.times ?? [];
  }

  throwPendingError(): void {
    if (this.#uncaptured === undefined) return;
    const message = this.#uncaptured;
    this.#uncaptured = undefined;
    throw bug(`The device refused a command: ${message}`);
  }

  createBuffer(label: string, size: number): Promise<GPUBuffer> {
    return createBuffer(this.#device, { label, size, usage });
  }

  write(buffer: DeviceBuffer, offset: number, data: Uint8Array | Uint32Array): void {
    this.#device.queue.writeBuffer(buffer as GPUBuffer, offset, data as Uint8Array<ArrayBuffer>);
  }

  async flush(): Promise<void> {
    const { queue } = this.#device;
    // wgpu (Deno, Firefox) begins to copy when something is submitted, and not before.
    queue.submit([]);
    await queue.onSubmittedWorkDone();
  }

  async bind(
    lists: readonly (readonly KernelSpec[])[],
    { onCompiled, ...buffers }: ProgramOptions,
  ): Promise<readonly Program[]> {
    if (this.profiles && this.capabilities.timestamps) this.#profiler ??= await Profiler.make(this.#device);
    const kernels = Kernels.of(this.#device);
    return DispatchList.bindAll(kernels, stepGroups(this.#device, kernels, buffers), lists, onCompiled);
  }

  expect(bytes: number): void {
    this.#readback.expect(bytes);
  }

  reserve(bytes: number): Promise<Reading> {
    return this.#readback.reserve(bytes);
  }

  commands(): Commands {
    const { queue } = this.#device;
    const encoder = this.#device.createCommandEncoder();
    const profiler = this.#profiler;
    return {
      run: (program: Program, counts: PassCounts, stepOffset: number) =>
        (program as DispatchList).record(encoder, counts, { stepOffset, profiler }),
      copy: ({ buffer, offset, bytes }: BufferRange, to: DeviceBuffer, toOffset: number) =>
        encoder.copyBufferToBuffer(buffer as GPUBuffer, offset, to as GPUBuffer, toOffset, bytes),
      read: (into: Reading, ranges: readonly BufferRange[]) => (into as StagedCopy).record(encoder, ranges),
      submit: async () => {
        profiler?.resolve(encoder);
        queue.submit([encoder.finish()]);
        await profiler?.collect();
      },
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#profiler?.dispose();
    this.#readback.dispose();
    this.#device.removeEventListener("uncapturederror", this.#onUncaptured);
    if (this.#owned) this.#device.destroy();
  }
}

/** Bind group 0 by what a kernel does with it. */
function stepGroups(
  device: GPUDevice,
  { stepLayouts }: Kernels,
  buffers: { readonly steps: DeviceBuffer; readonly control: DeviceBuffer },
): StepGroups {
  const steps = buffers.steps as GPUBuffer;
  const descriptor = { binding: 0, resource: { buffer: steps, offset: 0, size: descriptorBytes } };
  const states = { binding: 1, resource: { buffer: buffers.control as GPUBuffer } };
  const { reads, decides, plans } = stepLayouts;
  return {
    reads: device.createBindGroup({ layout: reads, entries: [descriptor] }),
    decides: device.createBindGroup({ layout: decides, entries: [descriptor, states] }),
    plans: device.createBindGroup({ layout: plans, entries: [descriptor, states] }),
  };
}
