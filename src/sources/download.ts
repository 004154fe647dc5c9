/** Downloads one file from a server into a store, resumes earlier downloads, and verifies the file before it is kept. */
import { concatenate } from "../core/concatenate.ts";
import { throwIfAborted } from "../core/error.ts";
import type { Hasher } from "./checksum.ts";
import { addressName, discard, send, type UrlOptions } from "./http.ts";
import { contentRange, entityTag } from "./httpHeaders.ts";
import { checksumFailure, failure, hasherOf, type RemoteFile } from "./remoteFile.ts";
import { withRetries } from "./retry.ts";
import { type GrowingFile, putWhole, type Store, type StoredFile } from "./store.ts";

export interface DownloadOptions {
  readonly http: UrlOptions;
  readonly signal: AbortSignal | undefined;
  /**
   * Called with the number of bytes added to the file; negative if bytes were discarded.
   * @param received whether the bytes have just come over the network
   */
  readonly onBytes?: ((bytes: number, received: boolean) => void) | undefined;
}

const hashChunkBytes = 8 * 2 ** 20;
/** Received bytes are written in pieces of about this size: network packets are too small for some stores. */
const writeBytes = 2 ** 18;
const defaultRetries = 5;
const encoder = new TextEncoder();

/** The name of the small file that holds the stamp of the version that was verified last. */
export const stampKey = (key: string) => `${key}.checked`;

/**
 * Opens the file if the store has it complete and intact. A file that was written since its last verification is verified
 * again; a file that is damaged, or cannot be verified, is deleted.
 */
export async function openStored(
  file: RemoteFile,
  store: Store,
  signal?: AbortSignal,
): Promise<StoredFile | undefined> {
  const stored = await store.open(file.key);
  if (!stored) return undefined;
  const stamp = encoder.encode(stored.stamp);
  const stampFile = await store.open(stampKey(file.key));
  const verified = stampFile && (await stampFile.read(0, stampFile.size));
  if (verified?.length === stamp.length && verified.every((byte, i) => byte === stamp[i])) return stored;
  if (await isIntact(file, stored, verified !== undefined, signal)) {
    await putWhole(store, stampKey(file.key), stamp, signal);
    return stored;
  }
  await store.delete(file.key);
  return undefined;
}

/**
 * Makes sure that the store has the file. Concurrent calls for one file download it once.
 * @throws DiffusionError `not-found`; `io`, also if the server sends a file with a wrong checksum twice; `aborted`
 */
export async function download(
  file: RemoteFile,
  store: Store,
  options: DownloadOptions,
): Promise<StoredFile> {
  const { signal, onBytes } = options;
  const existing = await openStored(file, store, signal);
  if (existing) {
    onBytes?.(file.size, false);
    return existing;
  }
  const growing = await store.grow(file.key, signal);
  try {
    // Another process may have completed the file while this one waited for it.
    const completed = await openStored(file, store, signal);
    if (completed) onBytes?.(file.size, false);
    else await complete(file, growing, options);
  } finally {
    await growing.release();
  }
  const stored = await store.open(file.key);
  if (!stored) throw failure(file, `'${store.name}' must keep a committed file`, "no file");
  await putWhole(store, stampKey(file.key), encoder.encode(stored.stamp), signal);
  return stored;
}

/** @param changed whether the file was written after it had been verified */
async function isIntact(
  file: RemoteFile,
  stored: StoredFile,
  changed: boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (stored.size !== file.size) return false;
  if (!file.checksum) return !changed;
  const hash = hasherOf(file);
  await update(hash, stored, stored.size, signal);
  return !checksumFailure(file, hash.hex());
}

async function complete(file: RemoteFile, growing: GrowingFile, options: DownloadOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const mismatch = checksumFailure(file, await fill(file, growing, options));
    if (!mismatch) return growing.commit();
    options.onBytes?.(-growing.size, false);
    await growing.clear();
    if (attempt === 2) throw mismatch;
  }
}

/** Downloads the missing bytes, and returns the checksum of the whole file. */
async function fill(file: RemoteFile, growing: GrowingFile, options: DownloadOptions): Promise<string> {
  const { http, signal, onBytes } = options;
  if (growing.size > file.size) await growing.clear();
  const name = addressName(file.address);
  let hash = hasherOf(file);
  await update(hash, { name, read: (offset, length) => growing.read(offset, length) }, growing.size, signal);
  onBytes?.(growing.size, false);
  const retries = http.retries ?? defaultRetries;
  await withRetries({ name, retries, signal }, async (progress) => {
    if (growing.size === file.size) return;
    const range = `bytes=${growing.size}-${file.size - 1}`;
    const response = await send({ address: file.address, range, signal }, http);
    const etag = entityTag(response);
    if (file.etag !== undefined && etag !== undefined && etag !== file.etag) {
      await discard(response);
      throw failure(file, "it changed on the server", `ETag ${etag}`);
    }
    if (response.status === 200 && growing.size > 0) {
      // The server ignores ranges and sends the whole file again.
      onBytes?.(-growing.size, false);
      await growing.clear();
      hash = hasherOf(file);
    }
    const start = response.status === 200 ? 0 : contentRange(response)?.start;
    if (start !== undefined && start !== growing.size) {
      await discard(response);
      throw failure(file, "the server must send the requested range", `start ${start}`);
    }
    if (response.status === 416) {
      await discard(response);
      throw failure(file, `it must have ${file.size} bytes`, "status 416");
    }
    await receive(response, file, growing, (bytes) => {
      hash.update(bytes);
      onBytes?.(bytes.length, true);
      progress();
    });
  });
  return hash.hex();
}

/** Appends the response's body to the file, also the part before a connection breaks. */
async function receive(
  response: Response,
  file: RemoteFile,
  growing: GrowingFile,
  onWritten: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = response.body?.getReader();
  let unwritten: Uint8Array[] = [];
  let unwrittenBytes = 0;
  const flush = async () => {
    const bytes = concatenate(unwritten);
    unwritten = [];
    unwrittenBytes = 0;
    if (bytes.length === 0) return;
    await growing.append(bytes);
    onWritten(bytes);
  };
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      unwritten.push(part.value);
      unwrittenBytes += part.value.length;
      if (growing.size + unwrittenBytes > file.size) break;
      if (unwrittenBytes >= writeBytes) await flush();
    }
  } catch (error) {
    // Bytes received before a broken connection or an abort are valid.
    await flush();
    throw error;
  }
  if (growing.size + unwrittenBytes > file.size) {
    await reader?.cancel();
    throw failure(file, `it must have ${file.size} bytes`, "more");
  }
  await flush();
  if (growing.size < file.size) throw new Error(`${growing.size} of ${file.size} bytes`);
}

async function update(
  hash: Hasher,
  source: { readonly name: string; read(offset: number, length: number): Promise<Uint8Array> },
  size: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let offset = 0; offset < size; offset += hashChunkBytes) {
    throwIfAborted(signal, `read '${source.name}'`);
    hash.update(await source.read(offset, Math.min(hashChunkBytes, size - offset)));
  }
}
