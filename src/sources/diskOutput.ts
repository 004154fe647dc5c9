/** Where a conversion is written on disk: under another name until it is complete. Needs Node or Deno. */
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { DiffusionError } from "../core/error.ts";
import { onDisk, onDiskIfExists } from "./fileSystemError.ts";

export interface DiskOutputOptions {
  /** Whether the output is a folder of files, or one file, whose name in the conversion does not matter. */
  readonly kind: "folder" | "file";
  /** Whether an existing file, or files of an existing folder, may be replaced. */
  readonly force?: boolean;
}

export class DiskOutput {
  readonly #path: string;
  readonly #partial: string;
  readonly #kind: DiskOutputOptions["kind"];
  readonly #handles = new Map<string, Promise<FileHandle>>();

  private constructor(path: string, kind: DiskOutputOptions["kind"]) {
    this.#path = path;
    this.#partial = `${path}.${process.pid}.partial`;
    this.#kind = kind;
  }

  /** @throws DiffusionError `invalid-request` if the path exists without `force`, or is of the other kind; `io` */
  static async create(path: string, { kind, force = false }: DiskOutputOptions): Promise<DiskOutput> {
    const stats = await onDiskIfExists("write", path, () => stat(path));
    if (stats && stats.isDirectory() !== (kind === "folder")) {
      const message = `Cannot write '${path}' as it must be a ${kind}: found a ${kind === "folder" ? "file" : "folder"}`;
      throw new DiffusionError("invalid-request", message);
    }
    if (stats && !force) {
      throw new DiffusionError(
        "invalid-request",
        `Cannot write '${path}' as it exists: use --force to overwrite it`,
      );
    }
    const output = new DiskOutput(path, kind);
    await onDisk("write", path, async () => {
      await mkdir(kind === "folder" ? output.#partial : dirname(output.#partial), { recursive: true });
    });
    return output;
  }

  /** Writes bytes at a position of a file. @throws DiffusionError `io` */
  async write(file: string, position: number, bytes: Uint8Array): Promise<void> {
    const path = this.#kind === "folder" ? join(this.#partial, file) : this.#partial;
    await onDisk("write", path, async () => {
      const opened = this.#handles.get(path) ?? open(path, "w");
      this.#handles.set(path, opened);
      const handle = await opened;
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    });
  }

  /** Gives the complete output its name. @throws DiffusionError `io` */
  async finish(): Promise<void> {
    await onDisk("write", this.#path, async () => {
      for (const handle of await Promise.all(this.#handles.values())) {
        await handle.sync();
        await handle.close();
      }
      const paths = [...this.#handles.keys()];
      this.#handles.clear();
      if (this.#kind === "file") {
        await rename(this.#partial, this.#path);
        return;
      }
      await mkdir(this.#path, { recursive: true });
      // config.json last: a folder without it is no model.
      for (const path of paths.sort(
        (a, b) => Number(a.endsWith("config.json")) - Number(b.endsWith("config.json")),
      )) {
        await rename(path, join(this.#path, path.slice(this.#partial.length + 1)));
      }
      await rm(this.#partial, { recursive: true });
    });
  }

  /** Removes what has been written. Does nothing after `finish`. */
  async abandon(): Promise<void> {
    const opened = await Promise.allSettled(this.#handles.values());
    this.#handles.clear();
    for (const each of opened) if (each.status === "fulfilled") await each.value.close().catch(() => {});
    await rm(this.#partial, { recursive: true, force: true });
  }
}
