/** The capabilities of a device that the choice of kernels depends on. */
export interface Capabilities {
  /** `f16` in shaders. */
  readonly f16: boolean;
  readonly subgroups: boolean;
  readonly timestamps: boolean;
  /** Whether the device computes on the CPU, where kernels without barriers and workgroup memory are faster. */
  readonly software: boolean;
  /**
   * Workgroups of a product that keep the device busy: a product with fewer is split over its columns. 0 on devices without
   * the kernels for that and for tiles of many rows.
   */
  readonly busyWorkgroups: number;
  /** Whether activations are rounded to int8 beside weights of q8_0 and q4_0; the device has `dot4I8Packed` then. */
  readonly int8Activations: boolean;
  /** Whether products with weights in bf16 round activations to bf16, for tensor cores. */
  readonly tensorCores?: boolean;
  /** Maximum bytes of a binding, and of a buffer. */
  readonly bindingBytes: number;
  readonly bufferBytes: number;
  /** Bytes of workgroup memory. */
  readonly workgroupBytes: number;
}
