/**
 * The cache of Hugging Face's own tools. `models--OWNER--NAME/refs/REVISION` contains a commit. `snapshots/COMMIT/` has the
 * files by name, as links into `blobs/`, where names are checksums. On Windows, without links, it has the files themselves.
 * Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { DiffusionError } from "../core/error.ts";
import { isFileName } from "../core/weights/fileName.ts";
import type { ByteSource } from "../core/weights/source.ts";
import type { Checksum } from "./checksum.ts";
import { directory } from "./directory.ts";
import { isCode, onDiskIfExists } from "./fileSystemError.ts";
import type { HubFile } from "./hubListing.ts";
import type { HubSnapshots, SnapshotFile } from "./hubSnapshots.ts";

/** @param root the folder with the folders `models--OWNER--NAME` */
export function huggingFaceCache(root: string): HubSnapshots {
  const folderOf = (id: string) => join(root, `models--${id.replace("/", "--")}`);
  const snapshotOf = (id: string, commit: string) => directory(join(folderOf(id), "snapshots", commit));
  const open = async (id: string, commit: string, name: string): Promise<SnapshotFile | undefined> => {
    const file = await ifAvailable(() => snapshotOf(id, commit).open(name));
    return file && { file, hex: await blobName(file) };
  };
  return {
    name: root,
    open,
    async listing(id, revision) {
      const commit = await commitOf(folderOf(id), revision);
      const names = commit && (await ifAvailable(() => snapshotOf(id, commit).list()));
      if (!names) return undefined;
      const files = new Map<string, HubFile>();
      for (const name of names) {
        const snapshot = await open(id, commit, name);
        if (!snapshot) continue;
        const { file, hex } = snapshot;
        const kind: Checksum["kind"] = hex?.length === 64 ? "sha256" : "git";
        files.set(name, { size: file.size, ...(hex !== undefined && { checksum: { kind, hex } }) });
      }
      return { commit, files };
    },
  };
}

async function commitOf(folder: string, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  if (!isFileName(revision)) return undefined;
  const path = join(folder, "refs", revision);
  const read = () => onDiskIfExists("read", path, () => readFile(path, "utf8"));
  const commit = (await ifAvailable(read))?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

const isCommit = (text: string) => /^[0-9a-f]{40}$/.test(text);

async function blobName({ path }: ByteSource): Promise<string | undefined> {
  const name = path === undefined ? "" : basename(await realpath(path));
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name) ? name : undefined;
}

/** Runs `work`; resolves with undefined for files that do not exist or belong to another user, so that the hub is used. */
async function ifAvailable<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DiffusionError)) throw error;
    if (error.code === "not-found" || isCode(error.cause, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
