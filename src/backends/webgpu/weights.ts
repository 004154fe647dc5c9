/**
 * Weights on the device. Matrices keep the dtype of the checkpoint (f32, f16, bf16); their rows are padded to a multiple
 * of four elements, so that kernels read four at a time. Vectors are f32. A matrix that is larger than a binding is cut
 * into shards of whole rows, stacked experts between experts.
 */
import { bug, DiffusionError } from "../../core/error.ts";
import {
  type DType,
  dtypeBytes,
  elementCount,
  type LoadOptions,
  type WeightEntry,
} from "../../core/tensor/index.ts";
import { countLoaded, loadPieces } from "../../core/weights/load.ts";
import { readExactly } from "../../core/weights/readExactly.ts";
import type { Binding } from "./kernel.ts";

export interface Shard extends Binding {
  /** Rows [first, last) of the weight; experts of a stacked one. */
  readonly first: number;
  readonly last: number;
}
export interface DeviceWeight {
  readonly dtype: DType;
  /** Packs of four elements a row; 0 for vectors. */
  readonly stride: number;
  readonly shards: readonly Shard[];
}

const packed: readonly DType[] = ["f32", "f16", "bf16"];
const chunkBytes = 8 * 2 ** 20;
const storage = 0x80 | 0x08 | 0x04;

export class DeviceWeights {
  readonly #device: GPUDevice;
  readonly #bindingBytes: number;
  readonly #weights = new Map<string, DeviceWeight>();

  constructor(device: GPUDevice, bindingBytes: number) {
    this.#device = device;
    this.#bindingBytes = bindingBytes;
  }

  get(symbol: string): DeviceWeight {
    const weight = this.#weights.get(symbol);
    if (!weight) throw bug(`Weight '${symbol}' is not loaded`);
    return weight;
  }

  /** A weight that must lie in one piece. */
  whole(symbol: string): DeviceWeight & { readonly shard: Shard } {
    const weight = this.get(symbol);
    if (weight.shards.length === 1) return { ...weight, shard: weight.shards[0]! };
    throw tooLarge(
      symbol,
      weight.shards.reduce((sum, { bytes }) => sum + bytes, 0),
      this.#bindingBytes,
    );
  }

  async load(entries: readonly WeightEntry[], { signal, onProgress }: LoadOptions): Promise<void> {
    const onBytes = countLoaded(entries, onProgress);
    for (const entry of entries) {
      this.#weights.set(entry.symbol, await this.#allocate(entry));
      if (entry.shape.length === 1) await this.#loadVector(entry, signal, onBytes);
      else await this.#loadMatrix(entry, signal, onBytes);
      // One entry's copies at a time: the queue keeps what it has not copied yet in host memory.
      await this.#device.queue.onSubmittedWorkDone();
    }
  }

  dispose(): void {
    for (const { shards } of this.#weights.values()) for (const { buffer } of shards) buffer.destroy();
    this.#weights.clear();
  }

  async #allocate({ symbol, shape, halves, pieces }: WeightEntry): Promise<DeviceWeight> {
    const inner = shape.at(-1)!;
    if (shape.length === 1) {
      const shard = await this.#buffer(symbol, 4 * inner, 0, inner);
      return { dtype: "f32", stride: 0, shards: [shard] };
    }
    const dtypes = new Set(pieces.map(({ dtype }) => dtype));
    const [only] = dtypes;
    const dtype = dtypes.size === 1 && only && packed.includes(only) ? only : "f32";
    const stride = Math.ceil(inner / 4);
    const units = unitsOf(shape, halves);
    const unitRows = elementCount(shape) / inner / units;
    const unitBytes = unitRows * stride * dtypeBytes(dtype, 4);
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
    const buffer = await createBuffer(this.#device, {
      label: symbol,
      size: Math.max(16, bytes),
      usage: storage,
    });
    return { buffer, offset: 0, bytes: buffer.size, access: "read", first, last };
  }

  async #loadVector(entry: WeightEntry, signal: AbortSignal | undefined, onBytes: (bytes: number) => void) {
    const values = new Float32Array(elementCount(entry.shape));
    await loadPieces(entry, values, { signal, onBytes });
    this.#device.queue.writeBuffer(this.get(entry.symbol).shards[0]!.buffer, 0, values);
  }

  async #loadMatrix(entry: WeightEntry, signal: AbortSignal | undefined, onBytes: (bytes: number) => void) {
    const { symbol, shape, halves, pieces } = entry;
    const { dtype, stride, shards } = this.get(symbol);
    const inner = shape.at(-1)!;
    const rowBytes = stride * dtypeBytes(dtype, 4);
    const units = unitsOf(shape, halves);
    const rows = elementCount(shape) / inner;
    let row = 0;
    /** Writes whole padded rows, as many at a time as lie side by side in a shard. */
    const write = (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; ) {
        const { shard, target, run } = placeOf(row, shards, units, rows, halves ?? false);
        if (!shard)
          throw bug(`Cannot load '${symbol}' as its pieces hold more than its ${shape.join(" x ")} elements`);
        const count = Math.min(bytes.length - at, run * rowBytes);
        this.#device.queue.writeBuffer(
          shard.buffer,
          target * rowBytes,
          bytes as Uint8Array<ArrayBuffer>,
          at,
          count,
        );
        at += count;
        row += count / rowBytes;
      }
    };
    for (const piece of pieces) {
      const sourceRowBytes = dtypeBytes(piece.dtype, inner);
      const rowsAtOnce = Math.max(1, Math.floor(chunkBytes / sourceRowBytes));
      const rowsInAll = piece.bytes / sourceRowBytes;
      if (!Number.isInteger(rowsInAll))
        throw bug(`Cannot load '${symbol}' as '${piece.tensor}' ends within a row`);
      for (let start = 0; start < rowsInAll; start += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rowsInAll - start);
        const bytes = count * sourceRowBytes;
        const offset = piece.offset + start * sourceRowBytes;
        if (piece.dtype === dtype) {
          write(padRows(await readExactly(piece.source, offset, bytes, signal), sourceRowBytes, rowBytes));
        } else {
          const values = new Float32Array(count * inner);
          const part = { symbol, shape: [count, inner], pieces: [{ ...piece, offset, bytes }] };
          await loadPieces(part, values, { signal });
          write(padRows(new Uint8Array(values.buffer), 4 * inner, rowBytes));
        }
        onBytes(bytes);
      }
    }
  }
}

/** What a shard holds whole: a row, an expert, or with halves a pair of rows. */
function unitsOf(shape: readonly number[], halves: boolean | undefined): number {
  return halves ? shape[0]! / 2 : shape[0]!;
}

/** Where a row lies: its shard, its row there, and how many of the rows behind it follow it there. */
function placeOf(row: number, shards: readonly Shard[], units: number, rows: number, halves: boolean) {
  // With halves a shard has its rows of the first half, then those of the second.
  const half = halves && row >= units ? 1 : 0;
  const unitRows = halves ? 1 : rows / units;
  const within = row - half * units;
  const shard = shards.find(({ last }) => within < last * unitRows);
  if (!shard) return { shard, target: 0, run: 0 };
  const first = shard.first * unitRows;
  const target = half * (shard.last - shard.first) + within - first;
  return { shard, target, run: shard.last * unitRows - within };
}

/** Rows of `from` bytes as rows of `to` bytes, zeros behind. */
function padRows(rows: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return rows;
  const count = rows.length / from;
  const padded = new Uint8Array(count * to);
  for (let row = 0; row < count; row++) padded.set(rows.subarray(row * from, (row + 1) * from), row * to);
  return padded;
}

function tooLarge(symbol: string, bytes: number, limit: number): DiffusionError {
  const message = `Cannot hold '${symbol}' as the device binds at most ${limit} bytes: found ${bytes}`;
  return new DiffusionError("out-of-memory", message);
}

/**
 * A buffer, checked.
 * @throws DiffusionError `out-of-memory` if the device has no room for it, or refuses its size
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
