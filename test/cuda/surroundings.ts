/**
 * The surroundings of suites on a native device, with kernels that compute as the other backends do. `UNMASK_CUDA_DEVICE=gpu` takes a
 * GPU in the place of the host device.
 */
import process from "node:process";
import { type CudaOptions, cuda } from "../../src/backends/cuda/index.ts";
import type { Extent } from "../suites/index.ts";
import type { Surroundings } from "../suites/suite.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const device = process.env["UNMASK_CUDA_DEVICE"] === "gpu" ? "gpu" : "host";

export function onDevice(options: CudaOptions = {}): Surroundings {
  return { ...filesOnDisk, backend: cuda({ device, activations: "f32", ...options }) };
}
export const extent: Extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
