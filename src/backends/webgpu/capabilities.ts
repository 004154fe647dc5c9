/** The capabilities of a device that the choice of kernels depends on. */
export interface Capabilities {
  /** `f16` in shaders. */
  readonly f16: boolean;
  readonly subgroups: boolean;
  readonly timestamps: boolean;
  /** Whether the adapter computes on the CPU, where kernels without barriers and workgroup memory are faster. */
  readonly software: boolean;
  /** Maximum bytes of a binding, and of a buffer. */
  readonly bindingBytes: number;
  readonly bufferBytes: number;
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number;
}

export function capabilitiesOf(device: GPUDevice, software: boolean): Capabilities {
  const { features, limits } = device;
  return {
    f16: features.has("shader-f16"),
    subgroups: features.has("subgroups"),
    software,
    timestamps: features.has("timestamp-query"),
    // A binding of 4 GiB would overflow the 32-bit indices of WGSL.
    bindingBytes: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, 2 ** 32 - 256),
    bufferBytes: limits.maxBufferSize,
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
  };
}
