/** Writes slices of weights into their buffers, and bounds the bytes that wait in the queue of the device. */
import { bug } from "../../../core/error.ts";
import { type DType, elementCount } from "../../../core/tensor/index.ts";
import { convertWeights } from "../../../core/weights/convert.ts";
import type { WeightSlice } from "../../../core/weights/reads.ts";
import type { DeviceBuffer } from "../buffer.ts";
import type { ComputeDevice } from "../device.ts";
import type { DeviceWeight } from "../deviceWeight.ts";
import { deviceRowBytes, deviceRows, placeOf } from "./weightRows.ts";

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

  /** Writes whole rows, as many at a time as lie side by side in a shard. */
  #writeRows({ dtype, shards }: DeviceWeight, slice: WeightSlice, bytes: Uint8Array): void {
    const { entry, element } = slice;
    const { symbol, shape } = entry;
    const columns = shape.at(-1)!;
    const rows = elementCount(shape) / columns;
    const rowBytes = deviceRowBytes(dtype, columns);
    const placed = deviceRows(inDType(bytes, slice, dtype), dtype, columns);
    let row = element / columns;
    for (let at = 0; at < placed.length; ) {
      const place = placeOf(row, rows, entry, shards);
      if (!place) throw bug(`Cannot load '${symbol}' as no shard has a place for row ${row} of ${rows}`);
      const { shard, target, run } = place;
      const count = Math.min(placed.length - at, run * rowBytes);
      this.#put(shard.buffer, target * rowBytes, placed.subarray(at, at + count));
      at += count;
      row += count / rowBytes;
    }
  }

  #put(buffer: DeviceBuffer, offset: number, values: Uint8Array): void {
    this.#device.write(buffer, offset, values);
    this.#queuedBytes += values.byteLength;
  }
}

function inDType(bytes: Uint8Array, { entry, dtype }: WeightSlice, to: DType): Uint8Array {
  return convertWeights(bytes, dtype, to, entry.symbol);
}
