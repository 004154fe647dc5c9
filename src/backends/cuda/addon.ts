/** The native part: one addon for each device, built by `npm run build:native` into native/build. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { DiffusionError, type DiffusionErrorCode } from "../../core/error.ts";

/**
 * `gpu` is a CUDA device. `host` runs the same kernels on the processor, thread by thread: for tests. `checked` is `host` with a
 * check of every memory access, in a process that has loaded the runtime of AddressSanitizer (`scripts/checkMemory.mjs`).
 */
export type NativeDevice = "gpu" | "host" | "checked";

/** Handles and buffers are numbers. Calls without a promise are done in their order; if one fails, so does all that follows. */
export interface Addon {
  /** A launch names a kernel by its index. `constants` are the constants of a form that it takes, with spaces between them. */
  readonly kernels: readonly { readonly name: string; readonly constants: string }[];
  /** The handle is to be closed in any case. */
  open(index: number): { readonly handle: number; readonly opened: Promise<string> };
  close(handle: number): void;
  allocate(handle: number, bytes: number): Promise<number>;
  release(handle: number, buffer: number): void;
  write(handle: number, buffer: number, offset: number, bytes: Uint8Array): void;
  /** Both offsets in bytes. */
  copy(
    ...[handle, from, fromOffset, to, toOffset, bytes]: [number, number, number, number, number, number]
  ): void;
  /** Gives launches a number by which they are run. @param launches as native/src/engine/programs.h describes them */
  define(handle: number, program: number, launches: Uint32Array): void;
  forget(handle: number, program: number): void;
  run(...[handle, program, step, stepOffset, control]: [number, number, number, number, number]): void;
  /** Microseconds of each launch, then of all as a graph; that for each of `rounds`. The launches' results are then wrong. */
  time(
    ...[handle, program, step, stepOffset, control, rounds]: [number, number, number, number, number, number]
  ): Promise<Float64Array>;
  /**
   * Loads ranges of a local file beside other work.
   * @param ranges by range: offset in the file, bytes, buffer, offset in the buffer; ascending
   * @param stagingBytes of each of up to four pinned buffers
   * @param progress called with the bytes since the last call
   */
  load(
    handle: number,
    path: string,
    ranges: Float64Array,
    stagingBytes: number,
    progress: (bytes: number) => void,
  ): { readonly load: number; readonly done: Promise<void> };
  /** Ends a load early, with the code `aborted`. */
  cancel(handle: number, load: number): void;
  /** Only on the host device, for tests: from now on all work fails as after a fault of a GPU. */
  breakDown?(handle: number): void;
  /** @param ranges buffer, offset and bytes of each */
  read(handle: number, ranges: readonly (readonly [number, number, number])[]): Promise<ArrayBuffer>;
}

const files: Readonly<Record<NativeDevice, string>> = {
  gpu: "build/Release/unmask_cuda",
  host: "build/Release/unmask_host",
  checked: "build-asan/Release/unmask_host",
};

const pathOf = (device: NativeDevice) =>
  fileURLToPath(new URL(`../../../native/${files[device]}.node`, import.meta.url));

/** Whether the native part is built, for GPUs by default. Whether it can be loaded is another question. */
export function hasAddon(device: NativeDevice = "gpu"): boolean {
  return existsSync(pathOf(device));
}

/** @throws DiffusionError `unsupported` if the native part is not built, or cannot be loaded, with the loader's own words */
export function loadAddon(device: NativeDevice): Addon {
  if (hasAddon(device)) return loadNative(pathOf(device));
  const message =
    "Cannot use CUDA as its native part is not built: `npm run build:native` builds it in the repository";
  throw new DiffusionError("unsupported", message);
}

/** @throws as `loadAddon` */
export function loadNative(path: string): Addon {
  try {
    return createRequire(import.meta.url)(path) as Addon;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot use CUDA as its native part cannot be loaded: ${text}`;
    throw new DiffusionError("unsupported", message, { cause });
  }
}

/** An error of the native part as one of this package. */
export function nativeError(error: unknown, what: string): DiffusionError {
  const {
    code = "internal",
    driverCode = 0,
    message,
  } = error as {
    code?: DiffusionErrorCode;
    driverCode?: number;
    message: string;
  };
  const driver = driverCode === 0 ? "" : `, driver code ${driverCode}`;
  return new DiffusionError(code, `Cannot ${what}: ${message}${driver}`, { cause: error });
}
