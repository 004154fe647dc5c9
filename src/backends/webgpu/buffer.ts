import { DiffusionError } from "../../core/error.ts";

/**
 * Creates a buffer and waits for the device's answer.
 * @throws DiffusionError `out-of-memory` if the device has no room for the buffer, or refuses its size
 */
export async function createBuffer(device: GPUDevice, descriptor: GPUBufferDescriptor): Promise<GPUBuffer> {
  const { label, size } = descriptor;
  if (size > device.limits.maxBufferSize) {
    const message = `Cannot allocate '${label}' as a buffer may have at most ${device.limits.maxBufferSize} bytes: found ${size}`;
    throw new DiffusionError("out-of-memory", message);
  }
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  let buffer: GPUBuffer | undefined;
  let thrown: unknown;
  try {
    buffer = device.createBuffer(descriptor);
  } catch (error) {
    thrown = error;
  }
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  const error = errors.find((each) => each !== null);
  if (buffer && !error) return buffer;
  const message = `Cannot allocate '${label}' as the device has no room for its ${size} bytes`;
  throw new DiffusionError("out-of-memory", message, { cause: error?.message ?? thrown });
}
