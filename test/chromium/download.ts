/** Downloads a model into the private file system; download.mjs opens this page, and closes it in the middle. */
import { hub, opfsCache } from "../../src/sources/index.ts";

const shard = "model.safetensors";

declare global {
  /** The SHA-256 of what is in the cache in the end. */
  var download: (endpoint: string, token: string) => Promise<string>;
  /** What a page that is closed now leaves: a file that is being written shows its bytes once its writer is closed. */
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
  for await (const entry of folder.values())
    bytes +=
      entry.kind === "file"
        ? (await (entry as FileSystemFileHandle).getFile()).size
        : await bytesIn(entry as FileSystemDirectoryHandle);
  return bytes;
}
