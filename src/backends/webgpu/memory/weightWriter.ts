/** Writes what was read of weights into their buffers, and lets no more wait in the device's queue than memory allows. */
import { bug } from "../../../core/error.ts";
import { dtypeBytes, elementCount } from "../../../core/tensor/index.ts";
import { toF32 } from "../../../core/weights/convert.ts";
import type { WeightSlice } from "../../../core/weights/reads.ts";
import { padRows, placeOf } from "./weightRows.ts";
import type { DeviceWeight } from "./weights.ts";

/** The queue keeps what it has not copied yet in host memory. */
const mostQueuedBytes = 64 * 2 ** 20;

export class WeightWriter {
  readonly #queue: GPUQueue;
  #queuedBytes = 0;
  #flushing: Promise<void> | undefined;

  constructor(queue: GPUQueue) {
    this.#queue = queue;
  }

  /** @param bytes whole rows of a matrix, or any elements of a vector, in the slice's dtype */
  write(weight: DeviceWeight, slice: WeightSlice, bytes: Uint8Array): void {
    if (slice.entry.shape.length > 1) this.#writeRows(weight, slice, bytes);
    else this.#put(weight.shards[0]!.buffer, 4 * slice.element, floatsOf(bytes, slice.dtype));
  }

  /** Resolves when the queue can take another range. */
  async ready(): Promise<void> {
    if (this.#queuedBytes > mostQueuedBytes) {
      this.#flushing ??= this.flush().finally(() => {
        this.#flushing = undefined;
      });
    }
    await this.#flushing;
  }

  /** Resolves when the device has copied everything that was written before. */
  async flush(): Promise<void> {
    const bytes = this.#queuedBytes;
    // wgpu (Deno, Firefox) begins to copy when something is submitted, and not before.
    this.#queue.submit([]);
    await this.#queue.onSubmittedWorkDone();
    this.#queuedBytes -= bytes;
  }

  /** Writes whole padded rows, as many at a time as lie side by side in a shard. */
  #writeRows(
    { dtype, stride, shards }: DeviceWeight,
    { entry, element, dtype: storedDtype }: WeightSlice,
    bytes: Uint8Array,
  ): void {
    const { symbol, shape } = entry;
    const inner = shape.at(-1)!;
    const rows = elementCount(shape) / inner;
    const rowBytes = stride * dtypeBytes(dtype, 4);
    const values = storedDtype === dtype ? bytes : new Uint8Array(floatsOf(bytes, storedDtype).buffer);
    const padded = padRows(values, dtypeBytes(dtype, inner), rowBytes);
    let row = element / inner;
    for (let at = 0; at < padded.length; ) {
      const place = placeOf(row, rows, entry, shards);
      if (!place) throw bug(`Cannot load '${symbol}' as no shard has a place for row ${row} of ${rows}`);
      const { shard, target, run } = place;
      const count = Math.min(padded.length - at, run * rowBytes);
      this.#put(shard.buffer, target * rowBytes, padded.subarray(at, at + count));
      at += count;
      row += count / rowBytes;
    }
  }

  #put(buffer: GPUBuffer, offset: number, values: Uint8Array | Float32Array): void {
    this.#queue.writeBuffer(buffer, offset, values as Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>);
    this.#queuedBytes += values.byteLength;
  }
}

function floatsOf(bytes: Uint8Array, dtype: WeightSlice["dtype"]): Float32Array {
  const values = new Float32Array(bytes.length / dtypeBytes(dtype));
  toF32(bytes, dtype, values);
  return values;
}
