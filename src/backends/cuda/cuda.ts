/** The CUDA backend: the GPU backend on a device of the native part. In Node and Deno. */
import { DiffusionError } from "../../core/error.ts";
import type { BackendFactory } from "../../core/tensor/index.ts";
import { GpuBackend } from "../gpu/backend.ts";
import { loadAddon, type NativeDevice } from "./addon.ts";
import { CudaDevice } from "./cudaDevice.ts";

export interface CudaOptions {
  /** Default: `gpu`. */
  readonly device?: NativeDevice;
  /** Which GPU, as CUDA counts them. Default: 0. */
  readonly index?: number;
  /**
   * What products with weights in bf16 multiply: activations rounded to bf16, on tensor cores, or activations in f32, for the same
   * tokens as other backends. Default: `bf16`.
   */
  readonly activations?: "bf16" | "f32";
  /** Maximum bytes of a binding of a weight; for tests of sharding. */
  readonly maxBindingBytes?: number;
}

/** Why no CUDA device can be used; undefined if there is one. */
export async function whyNoCuda(): Promise<string | undefined> {
  try {
    (await CudaDevice.open(loadAddon("gpu"), 0)).dispose();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Cannot use CUDA as /, "") : String(error);
  }
}

/**
 * A factory of CUDA backends. After a device loss it makes no other.
 * @throws DiffusionError (the factory) `unsupported` if the native part cannot be loaded or finds no such device
 */
export function cuda({
  device = "gpu",
  index = 0,
  activations = "bf16",
  maxBindingBytes,
}: CudaOptions = {}): BackendFactory {
  let opened: CudaDevice | undefined;
  return async () => {
    const error = opened?.lostError;
    if (error) {
      const why = "errors of CUDA last until the process ends";
      throw new DiffusionError("unsupported", `Cannot use CUDA again as ${why}: ${error.message}`, {
        cause: error,
      });
    }
    opened = await CudaDevice.open(loadAddon(device), index, activations === "bf16");
    return new GpuBackend(opened, { name: "cuda", maxBindingBytes });
  };
}
