/** The WebGPU backend: the GPU backend on a GPUDevice that has passed the self-test. */
import type { BackendFactory } from "../../core/tensor/index.ts";
import { GpuBackend } from "../gpu/backend.ts";
import { type OpenDevice, openDevice, type WebgpuOptions } from "./device.ts";
import { selfTest } from "./selfTest/selfTest.ts";
import { WebgpuDevice } from "./webgpuDevice.ts";

function backendOn(open: OpenDevice, { maxBindingBytes, profile = false }: WebgpuOptions): GpuBackend {
  return new GpuBackend(new WebgpuDevice(open, profile), { name: "webgpu", maxBindingBytes });
}

/**
 * A factory of WebGPU backends.
 * @throws DiffusionError (the factory) `unsupported` without a suitable adapter or if the device fails the self-test,
 *   `device-lost` for a lost device
 */
export function webgpu(options: WebgpuOptions = {}): BackendFactory {
  return async () => {
    const open = await openDevice(options);
    if (options.selfTest === false) return backendOn(open, options);
    try {
      const tested = await selfTest(open, (candidate) => backendOn(candidate, {}));
      return backendOn(tested, options);
    } catch (error) {
      if (open.owned) open.device.destroy();
      throw error;
    }
  };
}
