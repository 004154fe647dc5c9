/**
 * The surroundings of suites on a native device: by default with kernels that compute as the other backends do, else on tensor cores.
 * `UNMASK_CUDA_DEVICE=gpu` takes a GPU in the place of the host device.
 */
import process from "node:process";
import { type CudaOptions, cuda } from "../../src/backends/cuda/index.ts";
import type { BackendFactory } from "../../src/core/index.ts";
import type { Extent } from "../suites/index.ts";
import type { Surroundings } from "../suites/suite.ts";
import { filesOnDisk } from "../support/surroundings.ts";

type Activations = NonNullable<CudaOptions["activations"]>;

const device = process.env["UNMASK_CUDA_DEVICE"] === "gpu" ? "gpu" : "host";

/** The backend of all tests of one mode. */
export const backendIn = (activations: Activations): BackendFactory => cuda({ device, activations });

export function onDevice(options: CudaOptions = {}): Surroundings {
  const { activations = "f32" } = options;
  const surroundings = { ...filesOnDisk, backend: cuda({ device, ...options, activations }) };
  return activations === "bf16" ? { ...surroundings, activations } : surroundings;
}
export const extent: Extent = process.env["UNMASK_TRACES"] === "all" ? "all" : "some";
