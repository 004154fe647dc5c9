import { throwIfAborted } from "../error.ts";
import type { WeightLoadOptions } from "../tensor/backend.ts";
import type { WeightEntry } from "../tensor/weight.ts";
import { arrangedRows } from "./arrangedRows.ts";
import { concurrently } from "./concurrently.ts";
import { divideReads, type FileSink } from "./localFiles.ts";
import { readExactly } from "./readExactly.ts";
import { planReads, type WeightSlice } from "./reads.ts";

/** Concurrent reads hide the latency of a network. Each one holds its bytes in memory. */
const maxConcurrentReads = 4;

/** The destination of weights. */
export interface WeightSink {
  /** Stores a slice. The bytes may start at any address. */
  write(slice: WeightSlice, bytes: Uint8Array): void;
  /** Awaited before the slices of a range are written, for a sink that must first drain earlier ones. */
  ready?(): Promise<void>;
  /** Present if the sink reads local files itself. */
  readonly files?: FileSink | undefined;
  /**
   * Memory for ranges of up to `bytes` bytes, which are read into it one after the other; called for each concurrent read. A
   * sink has it if `write` copies what it keeps.
   */
  buffer?(bytes: number): Uint8Array;
}

/**
 * Reads all weights in ranges of up to 8 MiB, four at a time, and passes their slices to a sink, in no particular order. What the
 * sink reads itself is not among them.
 * After a failure nothing more is written.
 * @throws DiffusionError `io`, `aborted`, `internal` if the pieces of a weight do not fill its shape; errors of the sink
 */
export async function loadWeights(
  entries: readonly WeightEntry[],
  sink: WeightSink,
  { signal, onProgress }: WeightLoadOptions = {},
): Promise<void> {
  const { files, reads } = divideReads(planReads(entries), sink.files);
  const totalBytes = entries.flatMap(({ pieces }) => pieces).reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = reads.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const buffers: Uint8Array[] = [];
  let loadedBytes = 0;
  let over = false;
  onProgress?.(loadedBytes, totalBytes);
  const load = async ({ source, offset, bytes, slices }: (typeof reads)[number]) => {
    if (over) return;
    const buffer = buffers.pop() ?? sink.buffer?.(largest);
    const range = await readExactly(source, offset, bytes, signal, buffer);
    await sink.ready?.();
    throwIfAborted(signal, "load weights");
    if (over) return;
    for (const { start, bytes: length, view, ...slice } of slices) {
      const stored = range.subarray(start, start + length);
      sink.write(slice, view ? arrangedRows(stored, slice.dtype, view) : stored);
      loadedBytes += length;
    }
    if (buffer) buffers.push(buffer);
    onProgress?.(loadedBytes, totalBytes);
  };
  const stop = new AbortController();
  const options = {
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    onLoaded: (bytes: number) => {
      loadedBytes += bytes;
      if (!over) onProgress?.(loadedBytes, totalBytes);
    },
  };
  const loadFiles = async () => {
    for (const [path, slices] of files) await sink.files!.load(path, slices, options);
  };
  const ofFiles = loadFiles();
  try {
    await Promise.all([concurrently(reads, maxConcurrentReads, load), ofFiles]);
  } finally {
    over = true;
    stop.abort();
    // Buffers must not be freed while the sink fills them.
    await Promise.allSettled([ofFiles]);
  }
}
