/** Writes slices of weights into their buffers, and bounds the bytes that wait in the queue of the device. */
import type { DType } from "../../../core/tensor/index.ts";
import { convertWeights } from "../../../core/weights/convert.ts";
import type { WeightSlice } from "../../../core/weights/reads.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { ComputeDevice } from "../device.ts";
import type { DeviceWeight } from "../deviceWeight.ts";
import { deviceRows, rowRanges } from "./weightRows.ts";

/** The queue keeps bytes in host memory until it has copied them. */
const maxQueuedBytes = 64 * 2 ** 20;

type Device = Pick<ComputeDevice, "write" | "flush">;

export class WeightWriter {
  readonly #device: Device;
  #queuedBytes = 0;
  #flushing: Promise<void> | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  /** @param bytes whole rows of a matrix, or any elements of a vector, in the slice's dtype */
  write(weight: DeviceWeight, slice: WeightSlice, bytes: Uint8Array): void {
    if (slice.entry.shape.length > 1) this.#writeRows(weight, slice, bytes);
    else this.#put(weight.shards[0]!.buffer, 4 * slice.element, inDType(bytes, slice, "f32"));
  }

  /** Resolves when the queue can take another range. */
  async ready(): Promise<void> {
    if (this.#queuedBytes > maxQueuedBytes) {
      this.#flushing ??= this.flush().finally(() => {
        this.#flushing = undefined;
      });
    }
    await this.#flushing;
  }

  /** Resolves when the device has copied all earlier writes. */
  async flush(): Promise<void> {
    const bytes = this.#queuedBytes;
    await this.#device.flush();
    this.#queuedBytes -= bytes;
  }

  #writeRows(weight: DeviceWeight, slice: WeightSlice, bytes: Uint8Array): void {
    const { dtype } = weight;
    const placed = deviceRows(inDType(bytes, slice, dtype), dtype, slice.entry.shape.at(-1)!);
    for (const { at, to } of rowRanges(weight, slice, placed.length))
      this.#put(to.buffer, to.offset, placed.subarray(at, at + to.bytes));
  }

  #put(buffer: DeviceBuffer, offset: number, values: Uint8Array): void {
    this.#device.write(buffer, offset, values);
    this.#queuedBytes += values.byteLength;
  }
}

function inDType(bytes: Uint8Array, { entry, dtype }: WeightSlice, to: DType): Uint8Array {
  return convertWeights(bytes, dtype, to, entry.symbol);
}
