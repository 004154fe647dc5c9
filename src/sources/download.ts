/** One file from a server into a store: goes on where an earlier download ended, and keeps nothing that is not right. */

import { concatenate } from "../core/concatenate.ts";
import { throwIfAborted } from "../core/error.ts";
import type { Hasher } from "./checksum.ts";
import { addressName, discard, send, type UrlOptions } from "./http.ts";
import { contentRange, entityTag } from "./httpHeaders.ts";
import { failure, flawOf, hasherOf, type RemoteFile } from "./remoteFile.ts";
import { retrying } from "./retry.ts";
import { type GrowingFile, putWhole, type Store, type StoredFile } from "./store.ts";

export interface DownloadOptions {
  readonly http: UrlOptions;
  readonly signal: AbortSignal | undefined;
  /**
   * Told how many bytes more are there, less than 0 where some had to be given up.
   * @param received whether they came over the network just now
   */
  readonly onBytes?: ((bytes: number, received: boolean) => void) | undefined;
}

const CHUNK_BYTES = 8 * 2 ** 20;
/** What comes in is written in pieces of about this size: network packets are too small for some stores. */
const WRITE_BYTES = 2 ** 18;
const DEFAULT_RETRIES = 5;
const encoder = new TextEncoder();

const stampOf = ({ key }: RemoteFile) => `${key}.checked`;

/**
 * The file, if the store has it complete and right. What was written since it was last found right is read and checked
 * again; what is damaged, or cannot be checked, is deleted.
 */
export async function openStored(
  file: RemoteFile,
  store: Store,
  signal?: AbortSignal,
): Promise<StoredFile | undefined> {
  const stored = await store.open(file.key);
  if (!stored) return undefined;
  const stamp = encoder.encode(stored.stamp);
  const known = await store.open(stampOf(file));
  const seen = known && (await known.read(0, known.size));
  if (seen?.length === stamp.length && seen.every((byte, i) => byte === stamp[i])) return stored;
  if (await isRight(file, stored, seen !== undefined, signal)) {
    await putWhole(store, stampOf(file), stamp, signal);
    return stored;
  }
  await store.delete(file.key);
  return undefined;
}

/**
 * Makes sure that the store has the file. Two that want it at a time download it once.
 * @throws DiffusionError `not-found`, `io` also if what the server sends has another checksum twice, `aborted`
 */
export async function download(
  file: RemoteFile,
  store: Store,
  options: DownloadOptions,
): Promise<StoredFile> {
  const { signal, onBytes } = options;
  const there = await openStored(file, store, signal);
  if (there) {
    onBytes?.(file.size, false);
    return there;
  }
  const growing = await store.grow(file.key, signal);
  try {
    // Another one may have been at it.
    const meanwhile = await openStored(file, store, signal);
    if (meanwhile) onBytes?.(file.size, false);
    else await complete(file, growing, options);
  } finally {
    await growing.release();
  }
  const stored = await store.open(file.key);
  if (!stored) throw failure(file, `'${store.name}' must keep what was written`, "no file");
  await putWhole(store, stampOf(file), encoder.encode(stored.stamp), signal);
  return stored;
}

/** @param written whether it was written since it was complete */
async function isRight(
  file: RemoteFile,
  stored: StoredFile,
  written: boolean,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (stored.size !== file.size) return false;
  if (!file.checksum) return !written;
  const hash = hasherOf(file);
  await update(hash, stored, stored.size, signal);
  return !flawOf(file, hash.hex());
}

async function complete(file: RemoteFile, growing: GrowingFile, options: DownloadOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const flaw = flawOf(file, await fill(file, growing, options));
    if (!flaw) return growing.commit();
    options.onBytes?.(-growing.size, false);
    await growing.clear();
    if (attempt === 2) throw flaw;
  }
}

/** Downloads what is missing, and returns the checksum of all. */
async function fill(file: RemoteFile, growing: GrowingFile, options: DownloadOptions): Promise<string> {
  const { http, signal, onBytes } = options;
  if (growing.size > file.size) await growing.clear();
  const name = addressName(file.address);
  let hash = hasherOf(file);
  await update(hash, { name, read: (offset, length) => growing.read(offset, length) }, growing.size, signal);
  onBytes?.(growing.size, false);
  const retries = http.retries ?? DEFAULT_RETRIES;
  await retrying({ name, retries, signal }, async (progress) => {
    if (growing.size === file.size) return;
    const range = `bytes=${growing.size}-${file.size - 1}`;
    const response = await send({ address: file.address, range, signal }, http);
    const etag = entityTag(response);
    if (file.etag !== undefined && etag !== undefined && etag !== file.etag) {
      await discard(response);
      throw failure(file, "it changed on the server", `ETag ${etag}`);
    }
    if (response.status === 200 && growing.size > 0) {
      // The server has no ranges: all of it comes again.
      onBytes?.(-growing.size, false);
      await growing.clear();
      hash = hasherOf(file);
    }
    const start = response.status === 200 ? 0 : contentRange(response)?.start;
    if (start !== undefined && start !== growing.size) {
      await discard(response);
      throw failure(file, "the server must send the range that was asked for", `start ${start}`);
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

/** Appends the body, whatever of it comes. */
async function receive(
  response: Response,
  file: RemoteFile,
  growing: GrowingFile,
  written: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = response.body?.getReader();
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  const flush = async () => {
    const bytes = concatenate(waiting);
    waiting = [];
    waitingBytes = 0;
    if (bytes.length === 0) return;
    await growing.append(bytes);
    written(bytes);
  };
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      waiting.push(part.value);
      waitingBytes += part.value.length;
      if (growing.size + waitingBytes > file.size) break;
      if (waitingBytes >= WRITE_BYTES) await flush();
    }
  } catch (error) {
    // What came before a connection broke, or before an abort, is as good as the rest.
    await flush();
    throw error;
  }
  if (growing.size + waitingBytes > file.size) {
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
  for (let offset = 0; offset < size; offset += CHUNK_BYTES) {
    throwIfAborted(signal, `read '${source.name}'`);
    hash.update(await source.read(offset, Math.min(CHUNK_BYTES, size - offset)));
  }
}
