/** A device of the native part as the device of a GPU backend. */
import { DiffusionError } from "../../core/error.ts";
import type { BufferRange, DeviceBuffer } from "../gpu/buffer.ts";
import type { Capabilities } from "../gpu/capabilities.ts";
import type { Commands, ComputeDevice, OpTime, Program, ProgramOptions, Reading } from "../gpu/device.ts";
import type { KernelSpec } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import { type Addon, nativeError } from "./addon.ts";
import { KernelList } from "./kernelList.ts";
import type { NativeBuffer } from "./launches.ts";

/** Words of a range are addressed by 32 bits. */
const bufferBytes = 4 * (2 ** 32 - 1);
/** Dynamic shared memory that every device grants without being asked. */
const workgroupBytes = 48 * 1024;

const capabilities: Capabilities = {
  f16: false,
  subgroups: false,
  timestamps: false,
  software: false,
  bindingBytes: bufferBytes,
  bufferBytes,
  workgroupBytes,
};

/** A copy under way, from the submission on. */
interface NativeReading extends Reading {
  bytes?: Promise<ArrayBuffer>;
}

export class CudaDevice implements ComputeDevice {
  readonly description: string;
  readonly capabilities: Capabilities;
  readonly kernels: readonly string[];
  readonly profiles = false;
  readonly times: readonly OpTime[] = [];
  readonly lost: Promise<Error>;
  readonly #addon: Addon;
  readonly #handle: number;
  #lose: (error: Error) => void = () => {};
  #lostError: DiffusionError | undefined;
  #disposed = false;

  /** @throws DiffusionError `unsupported` if there is no such device, with the driver's words and code */
  static async open(addon: Addon, index: number, tensorCores = false): Promise<CudaDevice> {
    const { handle, opened } = addon.open(index);
    try {
      return new CudaDevice(addon, handle, await opened, tensorCores);
    } catch (error) {
      addon.close(handle);
      throw nativeError(error, "use CUDA as no device opens");
    }
  }

  private constructor(addon: Addon, handle: number, description: string, tensorCores: boolean) {
    this.capabilities = { ...capabilities, tensorCores };
    this.#addon = addon;
    this.#handle = handle;
    this.description = `CUDA on ${description}`;
    this.kernels = addon.kernels.map(({ name }) => name);
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  get lostError(): Error | undefined {
    return this.#lostError;
  }

  /** Errors of commands are those of the next buffer or reading. */
  throwPendingError(): void {}

  async createBuffer(label: string, size: number): Promise<NativeBuffer> {
    if (size > bufferBytes) {
      const message = `Cannot allocate '${label}' as a buffer may have at most ${bufferBytes} bytes: found ${size}`;
      throw new DiffusionError("out-of-memory", message);
    }
    const allocated = this.#addon.allocate(this.#handle, size);
    const id = await this.#settled(allocated, `allocate '${label}' of ${size} bytes`);
    const destroy = () => {
      if (!this.#disposed) this.#addon.release(this.#handle, id);
    };
    return { id, size, destroy };
  }

  write(buffer: DeviceBuffer, offset: number, data: Uint8Array | Uint32Array): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#addon.write(this.#handle, (buffer as NativeBuffer).id, offset, bytes);
  }

  async flush(): Promise<void> {
    await this.#settled(this.#addon.read(this.#handle, []), "write to the device");
  }

  async bind(
    lists: readonly (readonly KernelSpec[])[],
    options: ProgramOptions,
  ): Promise<readonly Program[]> {
    return lists.map((specs) => new KernelList(this.#addon.kernels, specs, options));
  }

  expect(): void {}

  async reserve(): Promise<Reading> {
    const reading: NativeReading = {
      words: async () => new Uint32Array((await reading.bytes) ?? new ArrayBuffer()),
    };
    return reading;
  }

  commands(): Commands {
    const addon = this.#addon;
    const handle = this.#handle;
    const jobs: (() => void)[] = [];
    return {
      run: (program: Program, counts: PassCounts, stepOffset: number) => {
        const list = program as KernelList;
        const launches = list.launches(counts);
        jobs.push(() => addon.run(handle, list.steps.id, stepOffset, list.control.id, launches));
      },
      copy: ({ buffer, offset, bytes }: BufferRange, to: DeviceBuffer, toOffset: number) => {
        const [from, target] = [buffer as NativeBuffer, to as NativeBuffer];
        jobs.push(() => addon.copy(handle, from.id, offset, target.id, toOffset, bytes));
      },
      read: (into: Reading, ranges: readonly BufferRange[]) => {
        const places = ranges
          .filter(({ bytes }) => bytes > 0)
          .map(({ buffer, offset, bytes }) => [(buffer as NativeBuffer).id, offset, bytes] as const);
        jobs.push(() => {
          const bytes = this.#settled(addon.read(handle, places), "read from the device");
          // A reading that nobody takes, as its request was cancelled, is no unhandled rejection.
          bytes.catch(() => {});
          (into as NativeReading).bytes = bytes;
        });
      },
      submit: async () => {
        for (const job of jobs) job();
      },
    };
  }

  dispose(): void {
    this.#disposed = true;
    this.#addon.close(this.#handle);
  }

  /** The answer of the native part, or its error as one of this package. */
  async #settled<Value>(answer: Promise<Value>, what: string): Promise<Value> {
    try {
      return await answer;
    } catch (cause) {
      const error = nativeError(cause, what);
      if (error.code === "device-lost" && !this.#disposed) {
        this.#lostError ??= error;
        this.#lose(this.#lostError);
      }
      throw error;
    }
  }
}
