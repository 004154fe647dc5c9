/**
 * Stores of downloads: a folder on disk, or the origin private file system in a browser. A file is complete or growing. A
 * growing file survives the end of its process, and becomes complete in one atomic step.
 */
import type { ByteSource } from "../core/weights/source.ts";

/** A complete file. */
export interface StoredFile extends ByteSource {
  /** Identifies the version: every write to the file changes it. */
  readonly stamp: string;
}

/** A file that is being written, by one holder at a time among all processes and pages. */
export interface GrowingFile {
  /** In bytes, including those of earlier holders. */
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  append(bytes: Uint8Array): Promise<void>;
  /** Removes all bytes. */
  clear(): Promise<void>;
  /** Completes the file, which replaces an earlier complete file of this name. */
  commit(): Promise<void>;
  /** Gives up the file and keeps its bytes. The holder must call this in every case, also after `commit`. */
  release(): Promise<void>;
}

export interface StoreEntry {
  readonly name: string;
  readonly bytes: number;
  readonly isComplete: boolean;
}

export interface Store {
  /** The store, as errors name it. */
  readonly name: string;
  /** @returns undefined if there is no complete file of this name */
  open(name: string): Promise<StoredFile | undefined>;
  /**
   * Opens a file to continue it. Waits while another process or page holds the file.
   * @throws DiffusionError `io`, `aborted`
   */
  grow(name: string, signal?: AbortSignal): Promise<GrowingFile>;
  /** The names of all complete files. */
  list(): Promise<readonly string[]>;
  /** All files with their sizes, growing ones too unless they are empty. A name may have both a complete and a growing file. */
  entries(): Promise<readonly StoreEntry[]>;
  /** Deletes the complete file of this name, if there is one. A growing file stays. */
  delete(name: string): Promise<void>;
}

/** Writes a small file as a whole. */
export async function putWhole(
  store: Store,
  name: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const file = await store.grow(name, signal);
  try {
    await file.clear();
    await file.append(bytes);
    await file.commit();
  } finally {
    await file.release();
  }
}
