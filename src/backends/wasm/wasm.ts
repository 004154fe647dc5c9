/** The WebAssembly backend: every op in SIMD kernels, on several threads where memory can be shared. */
import { DiffusionError } from "../../core/error.ts";
import type { Backend } from "../../core/tensor/index.ts";
import { HostBackend } from "../host/hostBackend.ts";
import { whyNoRelaxedSimd } from "./kernelBytes.ts";
import { maxMemoryBytes } from "./linearMemory.ts";
import { parallelThreads, whyNoThreads } from "./threads.ts";
import { WasmMachine } from "./wasmMachine.ts";

export interface WasmOptions {
  /**
   * Threads that compute. Default: as many as the machine runs at the same time; one where memory cannot be shared, as in a
   * page that is not cross-origin isolated. The results do not depend on it.
   */
  readonly threads?: number;
  /**
   * Maximum bytes of weights, keys and values in one memory, to test with small models what large ones need. Default: what
   * passes leave of 4 GiB.
   */
  readonly maxStoredBytes?: number;
  /**
   * Multiplies and adds with the fused instruction of relaxed SIMD, which is faster for weights in f32, f16 and bf16 and for
   * attention. The last bits of the results then depend on the processor. Default: false. `whyNoRelaxedSimd` says whether the
   * runtime has it.
   */
  readonly relaxedSimd?: boolean;
}

/**
 * A factory of WebAssembly backends.
 * @throws DiffusionError `invalid-request` unless `threads` is a positive integer; `unsupported` for several where memory
 *   cannot be shared, and for `relaxedSimd` where the runtime does not have it
 */
export function wasm({
  threads,
  maxStoredBytes = maxMemoryBytes,
  relaxedSimd = false,
}: WasmOptions = {}): () => Promise<Backend> {
  const count = threads ?? (whyNoThreads() === undefined ? parallelThreads() : 1);
  if (!Number.isInteger(count) || count < 1) {
    throw new DiffusionError(
      "invalid-request",
      `Cannot start threads as 'threads' must be a positive integer: found ${threads}`,
    );
  }
  if (count > 1 && whyNoThreads() !== undefined) {
    throw new DiffusionError("unsupported", `Cannot start ${count} threads as ${whyNoThreads()}`);
  }
  if (relaxedSimd && whyNoRelaxedSimd() !== undefined) {
    const message = `Cannot use the option 'relaxedSimd' as ${whyNoRelaxedSimd()}`;
    throw new DiffusionError("unsupported", message);
  }
  const options = { threads: count, maxStoredBytes, relaxedSimd };
  return async () => new HostBackend(await WasmMachine.create(options));
}
