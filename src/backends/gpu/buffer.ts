/** Memory of a device, of `size` bytes. */
export interface DeviceBuffer {
  readonly size: number;
  destroy(): void;
}

/** A part of a buffer, in bytes. */
export interface BufferRange {
  readonly buffer: DeviceBuffer;
  readonly offset: number;
  readonly bytes: number;
}
