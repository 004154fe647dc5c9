import { DiffusionError, throwIfAborted } from "../core/error.ts";
import { assertFileName } from "../core/weights/fileName.ts";
import type { ModelSource } from "../core/weights/source.ts";
import { blobSource } from "./blobs.ts";
import { folderAt, onHandle, onHandleIfExists, privateRoot } from "./handles.ts";

/**
 * A model in a folder that the user chose (`showDirectoryPicker()`) or dropped on a page. Hidden files are left out.
 * @param name the folder, as errors name it
 */
export function directoryHandle(handle: FileSystemDirectoryHandle, name: string = handle.name): ModelSource {
  return handleSource(async () => handle, name);
}

/**
 * A model in a folder of the origin private file system (OPFS).
 * @param folder for example `models/llada`; empty for the root
 */
export function opfs(folder: string): ModelSource {
  const segments = folder.split("/").filter((segment) => segment !== "");
  const open = async () => folderAt(await privateRoot(), segments);
  return handleSource(open, `opfs/${segments.join("/")}`);
}

function handleSource(openRoot: () => Promise<FileSystemDirectoryHandle>, name: string): ModelSource {
  const root = async () => {
    const folder = await onHandleIfExists(`open '${name}'`, openRoot);
    if (folder) return folder;
    throw new DiffusionError("not-found", `Cannot open the model in '${name}' as there is no such folder`);
  };
  return {
    name,
    async list(signal) {
      return (await onHandle(`list '${name}'`, async () => namesIn(await root(), "", signal))).sort();
    },
    async open(file, signal) {
      throwIfAborted(signal, `open '${file}'`);
      assertFileName(file, name);
      const folder = await root();
      const segments = file.split("/");
      const blob = await onHandleIfExists(`open '${name}/${file}'`, async () => {
        const parent = await folderAt(folder, segments.slice(0, -1));
        return (await parent.getFileHandle(segments.at(-1)!)).getFile();
      });
      if (blob) return blobSource(`${name}/${file}`, blob);
      throw new DiffusionError("not-found", `Cannot open '${name}/${file}' as there is no such file`);
    },
  };
}

async function namesIn(
  folder: FileSystemDirectoryHandle,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  throwIfAborted(signal, `list '${folder.name}'`);
  const names: string[] = [];
  for await (const [name, entry] of folder.entries()) {
    if (name.startsWith(".")) continue;
    if (entry.kind === "file") names.push(prefix + name);
    else names.push(...(await namesIn(entry as FileSystemDirectoryHandle, `${prefix}${name}/`, signal)));
  }
  return names;
}
