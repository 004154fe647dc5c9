/**
 * Where downloads are kept: a folder on disk, the origin's private files in a browser. A file is complete or growing;
 * what grows stays when its process is killed, and becomes complete in one step.
 */
import type { ByteSource } from "../core/weights/source.ts";

/** A complete file. */
export interface StoredFile extends ByteSource {
  /** Another one for a file that was written since. */
  readonly stamp: string;
}

/** A file that is being written, by its holder alone among all processes and pages. */
export interface GrowingFile {
  /** In bytes, those that an earlier holder left included. */
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
  append(bytes: Uint8Array): Promise<void>;
  /** Starts over. */
  clear(): Promise<void>;
  /** Takes the place of the complete file of this name, if there is one. */
  commit(): Promise<void>;
  /** Lets others have it, as far as it has come. The holder must call it, after a commit too. */
  release(): Promise<void>;
}

export interface Store {
  /** How errors name it. */
  readonly name: string;
  /** @returns undefined if there is no complete file of this name */
  open(name: string): Promise<StoredFile | undefined>;
  /**
   * Holds a file, goes on with what is there of it, and waits as long as another one holds it.
   * @throws DiffusionError `io`, `aborted`
   */
  grow(name: string, signal?: AbortSignal): Promise<GrowingFile>;
  /** The names of all complete files. */
  list(): Promise<readonly string[]>;
  /** Deletes the complete file of this name, if there is one; what grows stays. */
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
