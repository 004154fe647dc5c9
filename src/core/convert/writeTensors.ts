/** Reads tensors in the order of the source, converts them, and writes each part to its place. */
import { type DType, dtypeBytes, elementCount } from "../tensor/index.ts";
import { convertWeights, loadWeights, type WeightSink } from "../weights/index.ts";
import type { FileLayout } from "./fileLayout.ts";
import type { OutputTensor } from "./tensors.ts";

/** Writes bytes at a position of the file; parts come in any order. */
export type WriteAt = (position: number, bytes: Uint8Array) => Promise<void>;

export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes of the source that have been read, and with all of them. */
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
}

/** Bytes that wait to be written: beyond them, no further range is converted. */
const maxWaitingBytes = 32 * 2 ** 20;

/**
 * Memory is bounded whatever the model's size: four ranges of 8 MiB and what waits to be written.
 * @throws DiffusionError `io`, `aborted`, `invalid-weights` for a value that cannot be quantized
 */
export async function writeTensors(
  tensors: readonly OutputTensor[],
  { header, positions }: Pick<FileLayout, "header" | "positions">,
  writeAt: WriteAt,
  options: WriteOptions,
): Promise<void> {
  const places = new Map(
    tensors.map(({ name, dtype }, index) => [name, { dtype, position: positions[index]! }] as const),
  );
  const waiting = new Set<Promise<void>>();
  let waitingBytes = 0;
  let failure: { readonly cause: unknown } | undefined;
  const put = (position: number, bytes: Uint8Array) => {
    waitingBytes += bytes.length;
    const done = writeAt(position, bytes)
      .catch((cause: unknown) => {
        failure ??= { cause };
      })
      .then(() => {
        waiting.delete(done);
        waitingBytes -= bytes.length;
      });
    waiting.add(done);
  };
  const drain = async () => {
    await Promise.all(waiting);
    if (failure) throw failure.cause;
  };
  const sink: WeightSink = {
    write({ entry, element, dtype }, bytes) {
      const { dtype: to, position } = places.get(entry.symbol)!;
      put(position + dtypeBytes(to, element), convertWeights(bytes, dtype, to, entry.symbol));
    },
    ready: async () => {
      if (failure || waitingBytes > maxWaitingBytes) await drain();
    },
  };
  put(0, header);
  try {
    await loadWeights(
      tensors.map(({ entry }) => entry),
      sink,
      options,
    );
    await drain();
  } finally {
    await Promise.all(waiting);
  }
}

/** Bytes of each type, largest first. */
export function bytesByType(
  tensors: readonly Pick<OutputTensor, "dtype" | "shape" | "bytes">[],
): ReadonlyMap<DType, { readonly bytes: number; readonly elements: number }> {
  const sums = new Map<DType, { bytes: number; elements: number }>();
  for (const { dtype, shape, bytes } of tensors) {
    const sum = sums.get(dtype) ?? { bytes: 0, elements: 0 };
    sums.set(dtype, { bytes: sum.bytes + bytes, elements: sum.elements + elementCount(shape) });
  }
  return new Map([...sums].sort(([, a], [, b]) => b.bytes - a.bytes));
}
