/**
 * The cache of Hugging Face's own tools: `models--OWNER--NAME/refs/REVISION` holds a commit, `snapshots/COMMIT/` the files
 * by name, as links into `blobs/`, whose names are checksums (files themselves where there are no links, on Windows).
 * Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
import { readFile, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { DiffusionError } from "../core/error.ts";
import { isFileName } from "../core/weights/fileName.ts";
import type { ByteSource } from "../core/weights/source.ts";
import type { Checksum } from "./checksum.ts";
import { directory } from "./directory.ts";
import { ifThere, isCode } from "./fileSystemError.ts";
import type { HubFile } from "./hubListing.ts";
import type { HubSnapshots, SnapshotFile } from "./hubSnapshots.ts";

/** @param root the folder that has the folders of the models */
export function huggingFaceCache(root: string): HubSnapshots {
  const folderOf = (id: string) => join(root, `models--${id.replace("/", "--")}`);
  const snapshotOf = (id: string, commit: string) => directory(join(folderOf(id), "snapshots", commit));
  const open = async (id: string, commit: string, name: string): Promise<SnapshotFile | undefined> => {
    const file = await ifFound(() => snapshotOf(id, commit).open(name));
    return file && { file, hex: await blobName(file) };
  };
  return {
    name: root,
    open,
    async listing(id, revision) {
      const commit = await commitOf(folderOf(id), revision);
      const names = commit && (await ifFound(() => snapshotOf(id, commit).list()));
      if (!names) return undefined;
      const files = new Map<string, HubFile>();
      for (const name of names) {
        const opened = await open(id, commit, name);
        if (!opened) continue;
        const { file, hex } = opened;
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
  const read = () => ifThere("read", path, () => readFile(path, "utf8"));
  const commit = (await ifFound(read))?.trim();
  return commit !== undefined && isCommit(commit) ? commit : undefined;
}

const isCommit = (text: string) => /^[0-9a-f]{40}$/.test(text);

async function blobName({ path }: ByteSource): Promise<string | undefined> {
  const name = path === undefined ? "" : basename(await realpath(path));
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name) ? name : undefined;
}

/** What `work` resolves with, or undefined for what is not there, or is somebody else's: then the hub is asked. */
async function ifFound<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DiffusionError)) throw error;
    if (error.code === "not-found" || isCode(error.cause, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
