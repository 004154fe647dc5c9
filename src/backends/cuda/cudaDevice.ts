/** A device of the native part as the device of a GPU backend. */
import { bug, DiffusionError, throwIfAborted } from "../../core/error.ts";
import type { BufferRange, DeviceBuffer } from "../gpu/buffer.ts";
import type { Capabilities } from "../gpu/capabilities.ts";
import type {
  Commands,
  ComputeDevice,
  FileOptions,
  FileRange,
  OpTime,
  Program,
  ProgramOptions,
  Reading,
} from "../gpu/device.ts";
import type { KernelSpec } from "../gpu/kernel.ts";
import type { PassCounts } from "../gpu/layout/descriptor.ts";
import { type Addon, nativeError } from "./addon.ts";
import { KernelList, type ProgramTable } from "./kernelList.ts";
import type { NativeBuffer } from "./launches.ts";

/** Words of a range are addressed by 32 bits. */
const bufferBytes = 4 * (2 ** 32 - 1);
/** Pinned memory of each lane of a load. */
const stagingBytes = 64 * 2 ** 20;
/** Dynamic shared memory that every device grants without being asked. */
const workgroupBytes = 48 * 1024;

const capabilities: Capabilities = {
  f16: false,
  subgroups: false,
  timestamps: false,
  software: false,
  busyWorkgroups: 0,
  int8Activations: false,
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
  #programs = 0;
  #last: { readonly list: KernelList; readonly counts: PassCounts; readonly stepOffset: number } | undefined;

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

  async loadFile(
    path: string,
    ranges: readonly FileRange[],
    { signal, onLoaded }: FileOptions,
  ): Promise<void> {
    throwIfAborted(signal, `load '${path}'`);
    const words = ranges.flatMap(({ offset, to }) => {
      return [offset, to.bytes, (to.buffer as NativeBuffer).id, to.offset];
    });
    const { load, done } = this.#addon.load(
      this.#handle,
      path,
      Float64Array.from(words),
      stagingBytes,
      onLoaded,
    );
    const cancel = () => this.#addon.cancel(this.#handle, load);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      await this.#settled(done, "load weights");
    } catch (error) {
      throwIfAborted(signal, `load '${path}'`);
      throw error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  async flush(): Promise<void> {
    await this.#settled(this.#addon.read(this.#handle, []), "write to the device");
  }

  async bind(
    lists: readonly (readonly KernelSpec[])[],
    options: ProgramOptions,
  ): Promise<readonly Program[]> {
    const table: ProgramTable = {
      define: (launches) => {
        this.#addon.define(this.#handle, ++this.#programs, launches);
        return this.#programs;
      },
      forget: (program) => {
        if (!this.#disposed) this.#addon.forget(this.#handle, program);
      },
    };
    return lists.map((specs) => new KernelList(this.#addon.kernels, specs, options, table));
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
        const number = list.program(counts);
        this.#last = { list, counts, stepOffset };
        jobs.push(() => addon.run(handle, number, list.steps.id, stepOffset, list.control.id));
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

  /**
   * Measures the kernels of the last pass, for benchmarks. What the device holds of sequences is then wrong.
   * @returns the microseconds of each kernel in each round, in the order of the pass, and last those of all of them at once
   */
  async timeLast(
    rounds: number,
  ): Promise<readonly { readonly name: string; readonly times: readonly number[] }[]> {
    const last = this.#last;
    if (!last) throw bug("No pass has run that could be measured");
    const { list, counts, stepOffset } = last;
    const program = list.program(counts);
    const names = [...list.names(counts), "all"];
    const measured = this.#addon.time(
      this.#handle,
      program,
      list.steps.id,
      stepOffset,
      list.control.id,
      rounds,
    );
    const times = await this.#settled(measured, "measure a pass");
    return names.map((name, index) => ({
      name,
      times: Array.from({ length: rounds }, (_, round) => times[round * names.length + index]!),
    }));
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
