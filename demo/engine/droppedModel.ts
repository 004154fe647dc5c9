/** Models that are dropped on the page or chosen: a folder, the files of one, or a GGUF file. */
import { filesOf, type ModelChoice } from "./modelChoice.ts";
import type { Problem } from "./problem.ts";

export type Dropped = { readonly model: ModelChoice } | { readonly name: string; readonly problem: Problem };

export const accepted =
  "Accepted are a folder of a Hugging Face model, or its files: config.json, tokenizer.json, and model.safetensors or its shards with their index; or a GGUF file.";

/** The part of a DataTransfer that names what was dropped. */
export interface DroppedItem {
  readonly kind: string;
  getAsFile(): File | null;
  webkitGetAsEntry?(): FileSystemEntry | null;
  getAsFileSystemHandle?(): Promise<FileSystemHandle | null>;
}

/** Call it within the event, as its items are gone afterwards. */
export async function droppedModel(items: Iterable<DroppedItem>): Promise<Dropped> {
  const files = Array.from(items).filter(({ kind }) => kind === "file");
  // All are taken before the first await.
  const taken = files.map(async (item) => {
    const entry = item.webkitGetAsEntry?.() ?? undefined;
    const file = item.getAsFile() ?? undefined;
    const handle = await item.getAsFileSystemHandle?.().catch(() => null);
    return { entry, file, handle: handle ?? undefined };
  });
  const all = await Promise.all(taken);
  const [only] = all;
  if (all.length === 1 && only?.handle?.kind === "directory") {
    return { model: folderModel(only.handle as FileSystemDirectoryHandle) };
  }
  if (all.length === 1 && only?.entry?.isDirectory) {
    const found = await filesBelow(only.entry as FileSystemDirectoryEntry, "");
    return filesModel(only.entry.name, found);
  }
  if (all.some(({ entry, handle }) => entry?.isDirectory || handle?.kind === "directory")) {
    return refused("what was dropped", "Cannot open several things with a folder among them.");
  }
  const plain = all.flatMap(({ file }) => (file ? [file] : []));
  return filesModel(plain[0]?.name ?? "nothing", filesOf(plain));
}

export function folderModel(folder: FileSystemDirectoryHandle): ModelChoice {
  return { kind: "folder", name: folder.name, folder };
}

/** @param files by their names in the model's folder */
export function filesModel(name: string, files: Readonly<Record<string, Blob>>): Dropped {
  const names = Object.keys(files);
  const ggufs = names.filter((each) => each.endsWith(".gguf"));
  const [gguf] = ggufs;
  if (gguf !== undefined && !names.includes("config.json")) {
    if (ggufs.length > 1)
      return refused(name, `Cannot open several GGUF files: found ${ggufs.slice(0, 3).join(", ")}.`);
    return { model: { kind: "files", name, files: { [gguf]: files[gguf]! } } };
  }
  if (!names.includes("config.json")) {
    const found = names.length === 0 ? "no file" : names.slice(0, 3).join(", ");
    return refused(name, `Cannot open '${name}' as a model has a config.json: found ${found}.`);
  }
  return { model: { kind: "files", name, files } };
}

function refused(name: string, message: string): Dropped {
  return { name, problem: { message, advice: accepted } };
}

/** The files below a folder that was dropped in a browser without handles, by their names in it. */
async function filesBelow(
  folder: FileSystemDirectoryEntry,
  prefix: string,
): Promise<Readonly<Record<string, Blob>>> {
  const found: Record<string, Blob> = {};
  for (const entry of await entriesOf(folder)) {
    const name = prefix + entry.name;
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory) {
      Object.assign(found, await filesBelow(entry as FileSystemDirectoryEntry, `${name}/`));
    } else {
      found[name] = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
    }
  }
  return found;
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives its entries in parts, and an empty one at the end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return all;
    all.push(...part);
  }
}
