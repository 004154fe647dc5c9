/** The automatic backend: WebGPU on a hardware adapter, else WebAssembly, else plain TypeScript. */
export type {} from "../core/platformTypes.ts";
export type {} from "./webgpu/platformTypes.ts";

import type { BackendFactory } from "../core/tensor/index.ts";
import { cpu } from "./cpu/index.ts";
import { wasm, whyNoWasm } from "./wasm/index.ts";
import { requestAdapter, type WebgpuOptions, webgpu } from "./webgpu/index.ts";

export interface AutoOptions extends Pick<WebgpuOptions, "gpu" | "selfTest" | "profile"> {
  /** Called once with the chosen backend, `webgpu`, `wasm` or `cpu`, and the reason. */
  readonly onPick?: (backend: string, reason: string) => void;
}

/**
 * Chooses a backend when the first device is opened, and keeps that choice: after a device loss a GPU is replaced by a
 * GPU, as another backend could not continue a request with the same results.
 */
export function auto({ onPick, ...webgpuOptions }: AutoOptions = {}): BackendFactory {
  const options: WebgpuOptions = { ...webgpuOptions, allowSoftware: false };
  let picked: BackendFactory | undefined;
  return async () => {
    if (picked) return picked();
    const hardware = webgpu(options);
    try {
      const backend = await hardware();
      picked = hardware;
      onPick?.("webgpu", backend.device);
      return backend;
    } catch (error) {
      const noWasm = whyNoWasm();
      const reason = reasonOf(error);
      picked = noWasm === undefined ? wasm() : cpu();
      if (noWasm === undefined) onPick?.("wasm", reason);
      else onPick?.("cpu", `${reason}; ${noWasm}`);
      return picked();
    }
  };
}

/** Why no suitable adapter can be used; undefined if there is one. */
export async function whyNoWebgpu(options: WebgpuOptions = {}): Promise<string | undefined> {
  try {
    await requestAdapter(options);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Cannot use WebGPU as /, "");
}
