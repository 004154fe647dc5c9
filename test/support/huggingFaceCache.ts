/** Writes a cache in the format of Hugging Face's tools. */
import { createHash } from "node:crypto";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { sha256 } from "./hubServer.ts";

export interface CachedSnapshot {
  readonly id: string;
  readonly commit: string;
  /** The branch or tag of the snapshot. */
  readonly revision?: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Large files are named by SHA-256, others by their git hash. */
  readonly isLarge?: (name: string) => boolean;
  /** Whether snapshots have symbolic links. Without links, as on Windows, snapshots contain the files themselves. */
  readonly links?: boolean;
}

export async function writeHuggingFaceCache(root: string, snapshot: CachedSnapshot): Promise<void> {
  const { id, commit, revision = "main", files, links = true } = snapshot;
  const isLarge = snapshot.isLarge ?? ((name: string) => name.endsWith(".safetensors"));
  const folder = join(root, `models--${id.replace("/", "--")}`);
  const write = async (path: string, content: Uint8Array | string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  };
  await write(join(folder, "refs", revision), commit);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, "snapshots", commit, name);
    if (!links) {
      await write(path, bytes);
      continue;
    }
    const git = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    const blob = join(folder, "blobs", isLarge(name) ? sha256(bytes) : git);
    await write(blob, bytes);
    await mkdir(dirname(path), { recursive: true });
    await symlink(relative(dirname(path), blob), path);
  }
}
