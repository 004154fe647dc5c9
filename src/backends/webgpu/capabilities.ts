import type { Capabilities } from "../gpu/capabilities.ts";
import { assumedBusyWorkgroups } from "../gpu/products.ts";

interface ChosenCapabilities {
  readonly busyWorkgroups: number | undefined;
  readonly int8Activations: boolean;
}

export function capabilitiesOf(
  device: GPUDevice,
  software: boolean,
  { busyWorkgroups = assumedBusyWorkgroups, int8Activations }: ChosenCapabilities,
): Capabilities {
  const { features, limits } = device;
  return {
    f16: features.has("shader-f16"),
    subgroups: features.has("subgroups"),
    software,
    int8Activations,
    busyWorkgroups: software ? 0 : busyWorkgroups,
    timestamps: features.has("timestamp-query"),
    // A binding of 4 GiB would overflow the 32-bit indices of WGSL.
    bindingBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, 2 ** 32 - 256),
    bufferBytes: limits.maxBufferSize,
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
  };
}
