/** Picks a backend: WebGPU where an adapter is hardware, the CPU else, and says why. */
export type {} from "../core/platformTypes.ts";
export type {} from "./webgpu/platformTypes.ts";

import type { BackendFactory } from "../core/tensor/index.ts";
import { cpu } from "./cpu/index.ts";
import { requestAdapter, type WebgpuOptions, webgpu } from "./webgpu/index.ts";

export interface AutoOptions extends Pick<WebgpuOptions, "gpu" | "selfTest"> {
  /** Told once which backend is used, `webgpu` or `cpu`, and why. */
  readonly onPick?: (what: string, why: string) => void;
}

/**
 * Picks with the first device that is asked for, and stays with it: a lost GPU is replaced by a GPU, as a request
 * cannot go on elsewhere as it began.
 */
export function auto({ onPick, ...own }: AutoOptions = {}): BackendFactory {
  const options: WebgpuOptions = { ...own, allowSoftware: false };
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
      picked = cpu();
      onPick?.("cpu", reasonOf(error));
      return picked();
    }
  };
}

/** Why there is no adapter that will do; undefined if there is one. */
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
