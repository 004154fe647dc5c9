/** What the shared part of the GPU backends needs of a device. All work is done in the order of the calls. */
import type { PrepareOptions } from "../../core/tensor/index.ts";
import type { BufferRange, DeviceBuffer } from "./buffer.ts";
import type { Capabilities } from "./capabilities.ts";
import type { KernelSpec } from "./kernel.ts";
import type { PassCounts } from "./layout/descriptor.ts";

/** A list of bound kernels. */
export interface Program {
  /** Compiles the kernels that passes with these counts need and that are still missing; undefined if none are. */
  compileMissing(all: readonly PassCounts[]): Promise<void> | undefined;
  dispose(): void;
}

/** What programs are bound to, and told of as they compile. */
export interface ProgramOptions extends PrepareOptions {
  /** Descriptors of steps, one behind the other, and the states of rows. */
  readonly steps: DeviceBuffer;
  readonly control: DeviceBuffer;
}

/** Room on the host for what one submission reads back. */
export interface Reading {
  /** Waits for the device and returns the words of the ranges, one behind the other. @throws DiffusionError `device-lost` */
  words(): Promise<Uint32Array>;
}

/** Work of the device, which begins with `submit`. */
export interface Commands {
  /** Runs the kernels of a program for a step. @param stepOffset where its descriptor begins, in bytes */
  run(program: Program, counts: PassCounts, stepOffset: number): void;
  /** Copies between buffers that are not the same. */
  copy(from: BufferRange, to: DeviceBuffer, offset: number): void;
  /** Reads ranges of whole words. */
  read(into: Reading, ranges: readonly BufferRange[]): void;
  /** Submits at once. Resolves when the times of the kernels are known, where they are measured. */
  submit(): Promise<void>;
}

/** Bytes of a file, and where they go. */
export interface FileRange {
  /** In the file. */
  readonly offset: number;
  readonly to: BufferRange;
}

export interface FileOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes since the last call. */
  onLoaded(bytes: number): void;
}

/** Time of the kernels of a name. */
export interface OpTime {
  readonly op: string;
  readonly dispatches: number;
  readonly ms: number;
}

export interface ComputeDevice {
  /** For people. */
  readonly description: string;
  readonly capabilities: Capabilities;
  /** Names of the kernels that the device has. */
  readonly kernels: readonly string[];
  /** Whether the time of kernels is measured. There is then one submission at a time. */
  readonly profiles: boolean;
  /** Times so far, the longest first; empty unless the device profiles. */
  readonly times: readonly OpTime[];
  /** Resolves with the reason when the device is lost before it is disposed. */
  readonly lost: Promise<Error>;
  readonly lostError: Error | undefined;
  /** Throws the error that the device reported since the last call, if there is one. */
  throwPendingError(): void;

  /**
   * Allocates a buffer that kernels bind and copies read and write. All its bytes are 0.
   * @throws DiffusionError `out-of-memory` if the device has no room for the buffer, or refuses its size
   */
  createBuffer(label: string, bytes: number): Promise<DeviceBuffer>;
  /** Copies `data` when it is called. @param offset in bytes */
  write(buffer: DeviceBuffer, offset: number, data: Uint8Array | Uint32Array): void;
  /**
   * Fills buffers from a local file. Absent if the device cannot.
   * @param ranges ascending by offset
   * @throws DiffusionError `io`, `aborted`
   */
  loadFile?(path: string, ranges: readonly FileRange[], options: FileOptions): Promise<void>;
  /** Resolves when the device has copied all earlier writes. */
  flush(): Promise<void>;
  /** Binds lists of kernels. If one list fails, the others are disposed. */
  bind(lists: readonly (readonly KernelSpec[])[], options: ProgramOptions): Promise<readonly Program[]>;
  /** Announces readings of this many bytes. */
  expect(bytes: number): void;
  /** Makes room for a reading of this many bytes. @throws DiffusionError `out-of-memory` */
  reserve(bytes: number): Promise<Reading>;
  commands(): Commands;
  dispose(): void;
}
