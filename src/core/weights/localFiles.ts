/** Slices of local files that a sink reads itself, so that their bytes do not pass through JavaScript. */
import type { StoredSlice, WeightRead } from "./reads.ts";

/** The place of a slice in a file, in bytes. */
export interface FileSlice {
  readonly slice: StoredSlice;
  readonly offset: number;
}

export interface FileLoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of bytes since the last call. */
  onLoaded(bytes: number): void;
}

/** The part of a sink that reads local files. */
export interface FileSink {
  /** Whether the sink can store the bytes as they are in the file. */
  takes(slice: StoredSlice): boolean;
  /**
   * Stores slices of a file, which are in the order of their offsets.
   * @throws DiffusionError `io`, `aborted`
   */
  load(path: string, slices: readonly FileSlice[], options: FileLoadOptions): Promise<void>;
}

export interface DividedReads {
  /** By path. */
  readonly files: ReadonlyMap<string, readonly FileSlice[]>;
  /** The reads without the slices of `files`. */
  readonly reads: readonly WeightRead[];
}

/** Divides slices into those that the sink reads itself and the others. */
export function divideReads(reads: readonly WeightRead[], sink: FileSink | undefined): DividedReads {
  const files = new Map<string, FileSlice[]>();
  if (!sink) return { files, reads };
  const others = reads.flatMap((read) => {
    const { path } = read.source;
    if (path === undefined) return [read];
    const [own, rest] = [read.slices.filter(sink.takes), read.slices.filter((slice) => !sink.takes(slice))];
    const slices = files.get(path) ?? [];
    slices.push(...own.map((slice) => ({ slice, offset: read.offset + slice.start })));
    if (own.length > 0) files.set(path, slices);
    return rest.length > 0 ? [narrowed(read, rest)] : [];
  });
  return { files, reads: others };
}

/** A read of the bytes from the first to the last of its slices. */
function narrowed(read: WeightRead, slices: readonly StoredSlice[]): WeightRead {
  const first = Math.min(...slices.map(({ start }) => start));
  const end = Math.max(...slices.map(({ start, bytes }) => start + bytes));
  return {
    source: read.source,
    offset: read.offset + first,
    bytes: end - first,
    slices: slices.map((slice) => ({ ...slice, start: slice.start - first })),
  };
}
