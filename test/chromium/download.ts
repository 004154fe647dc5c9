/** Downloads a model into the private file system; download.mjs opens this page, and closes it in the middle. */
import { hub, opfsCache } from "../../src/sources/index.ts";

const shard = "model.safetensors";

declare global {
  /** The SHA-256 of what is in the cache in the end. */
  var download: (endpoint: string, token: string) => Promise<string>;
  /** What a page that is closed now leaves. */
  var keptBytes: () => Promise<number>;
}

globalThis.download = async (endpoint, token) => {
  const source = hub("org/model", { endpoint, token, cache: opfsCache({ folder: "downloads" }) });
  await source.download!([shard]);
  const file = await source.open(shard);
  const bytes = await file.read(0, file.size);
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

globalThis.keptBytes = async () => bytesIn(await navigator.storage.getDirectory());

async function bytesIn(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind === "directory") bytes += await bytesIn(entry as FileSystemDirectoryHandle);
    // Beside the segment lies what its writer writes to, until it is closed.
    else if (!name.endsWith(".crswap")) bytes += (await (entry as FileSystemFileHandle).getFile()).size;
  }
  return bytes;
}
