/** Files of web servers in a store: each has a small file beside it that names its address, as its own name is a checksum. */
import { parseJson } from "../core/weights/json.ts";
import { stampKey } from "./download.ts";
import { putWhole, type Store, type StoreEntry } from "./store.ts";

export interface KeptUrlFiles {
  /** The address of the folder that the files are from. */
  readonly address: string;
  /** The names in the store of the files and of what lies beside them. */
  readonly files: readonly string[];
  /** Bytes that are there, and bytes of the complete files. */
  readonly bytes: number;
  readonly totalBytes: number;
}

const labelKey = (key: string) => `${key}.json`;

/** Notes the address of a file that is about to be kept. */
export async function labelUrlFile(
  store: Store,
  { key, address, size }: { readonly key: string; readonly address: string; readonly size: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const label = JSON.stringify({ address, size });
  await putWhole(store, labelKey(key), new TextEncoder().encode(label), signal);
}

/** By the folder of their addresses. */
export async function keptUrlFiles(
  store: Store,
  entries: readonly StoreEntry[],
): Promise<readonly KeptUrlFiles[]> {
  const folders = new Map<string, { files: string[]; bytes: number; totalBytes: number }>();
  for (const { name, bytes } of entries) {
    const label = /^urls\/[0-9a-f]{64}$/.test(name) ? await store.open(labelKey(name)) : undefined;
    if (!label) continue;
    const { address, size } = parseJson(await label.read(0, label.size), label.name);
    const folder = new URL(".", String(address)).href;
    const kept = folders.get(folder) ?? { files: [], bytes: 0, totalBytes: 0 };
    kept.files.push(name, labelKey(name), stampKey(name));
    kept.bytes += bytes;
    kept.totalBytes += Number(size);
    folders.set(folder, kept);
  }
  return Array.from(folders, ([address, kept]) => ({ address, ...kept }));
}
