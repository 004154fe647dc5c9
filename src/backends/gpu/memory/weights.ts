/**
 * Weights on the device. Matrices keep their type, in rows that kernels read four elements at a
 * time. Vectors are f32. A matrix that is larger than a binding is cut into shards of whole rows, stacked experts between
 * experts.
 */
import { bug, DiffusionError, throwIfAborted } from "../../../core/error.ts";
import { elementCount, type WeightEntry, type WeightLoadOptions } from "../../../core/tensor/index.ts";
import { loadWeights, type WeightSink } from "../../../core/weights/load.ts";
import type { ComputeDevice } from "../device.ts";
import type { DeviceWeight, Shard } from "../deviceWeight.ts";
import { fileSink } from "./fileSink.ts";
import { deviceRowBytes, unitsOf } from "./weightRows.ts";
import { WeightWriter } from "./weightWriter.ts";

export class DeviceWeights {
  readonly #device: ComputeDevice;
  readonly #bindingBytes: number;
  readonly #weights = new Map<string, DeviceWeight>();

  constructor(device: ComputeDevice, bindingBytes: number) {
    this.#device = device;
    this.#bindingBytes = bindingBytes;
  }

  get(symbol: string): DeviceWeight {
    const weight = this.#weights.get(symbol);
    if (!weight) throw bug(`Weight '${symbol}' is not loaded`);
    return weight;
  }

  /** Puts a weight that is arranged otherwise in the place of one, whose buffers are freed. */
  replace(symbol: string, weight: DeviceWeight): void {
    for (const { buffer } of this.get(symbol).shards) buffer.destroy();
    this.#weights.set(symbol, weight);
  }

  /** A weight that must be in one piece. */
  whole(symbol: string): DeviceWeight & { readonly shard: Shard } {
    const weight = this.get(symbol);
    if (weight.shards.length === 1) return { ...weight, shard: weight.shards[0]! };
    throw tooLarge(
      symbol,
      weight.shards.reduce((sum, { bytes }) => sum + bytes, 0),
      this.#bindingBytes,
    );
  }

  /** Allocates all buffers, then fills them in the order of the bytes in their sources. */
  async load(entries: readonly WeightEntry[], options: WeightLoadOptions): Promise<void> {
    for (const entry of entries) {
      throwIfAborted(options.signal, "load weights");
      this.#weights.set(entry.symbol, await this.#allocate(entry));
    }
    const writer = new WeightWriter(this.#device);
    const files = fileSink(this.#device, (symbol) => this.get(symbol));
    const sink: WeightSink = {
      files,
      write: (slice, bytes) => writer.write(this.get(slice.entry.symbol), slice, bytes),
      ready: () => writer.ready(),
      buffer: (bytes) => new Uint8Array(bytes),
    };
    await loadWeights(entries, sink, options);
    await writer.flush();
  }

  dispose(): void {
    for (const { shards } of this.#weights.values()) for (const { buffer } of shards) buffer.destroy();
    this.#weights.clear();
  }

  async #allocate(entry: WeightEntry): Promise<DeviceWeight> {
    const { symbol, shape, dtype } = entry;
    const columns = shape.at(-1)!;
    if (shape.length === 1) {
      const shard = await this.#buffer(symbol, 4 * columns, 0, columns);
      return { dtype: "f32", stride: 0, shards: [shard] };
    }
    const stride = Math.ceil(columns / 4);
    const units = unitsOf(entry);
    const unitRows = elementCount(shape) / columns / units;
    const unitBytes = unitRows * deviceRowBytes(dtype, columns);
    const perShard = Math.floor(this.#bindingBytes / unitBytes);
    if (perShard === 0) throw tooLarge(symbol, unitBytes, this.#bindingBytes);
    const shards: Shard[] = [];
    for (let first = 0; first < units; first += perShard) {
      const last = Math.min(units, first + perShard);
      shards.push(await this.#buffer(symbol, (last - first) * unitBytes, first, last));
    }
    return { dtype, stride, shards };
  }

  async #buffer(symbol: string, bytes: number, first: number, last: number): Promise<Shard> {
    const buffer = await this.#device.createBuffer(symbol, Math.max(16, bytes));
    return { buffer, offset: 0, bytes: buffer.size, access: "read", first, last };
  }
}

function tooLarge(symbol: string, bytes: number, limit: number): DiffusionError {
  const message = `Cannot hold '${symbol}' as the device binds at most ${limit} bytes: found ${bytes}`;
  return new DiffusionError("out-of-memory", message);
}
