/**
 * A browser's origin private file system in memory, for tests without a browser: writes become visible when the writer is
 * closed, and a page that dies keeps closed files only. Also Web Locks in memory.
 */

type Entry = MemoryDirectory | MemoryFile;

class MemoryFile {
  readonly kind = "file";
  readonly name: string;
  #content: File;

  constructor(name: string) {
    this.name = name;
    this.#content = new File([], name);
  }
  async getFile(): Promise<File> {
    return this.#content;
  }
  async createWritable() {
    const parts: BlobPart[] = [];
    return {
      write: async (part: BlobPart) => {
        parts.push(typeof part === "string" ? part : new Uint8Array(part as Uint8Array<ArrayBuffer>));
      },
      close: async () => {
        this.#content = new File(parts, this.name, { lastModified: ++clock });
      },
    };
  }
}
let clock = 0;

class MemoryDirectory {
  readonly kind = "directory";
  readonly name: string;
  readonly #entries = new Map<string, Entry>();

  constructor(name: string) {
    this.name = name;
  }
  async getDirectoryHandle(name: string, options?: { create?: boolean }): Promise<MemoryDirectory> {
    return this.#get(name, "directory", () => new MemoryDirectory(name), options) as MemoryDirectory;
  }
  async getFileHandle(name: string, options?: { create?: boolean }): Promise<MemoryFile> {
    return this.#get(name, "file", () => new MemoryFile(name), options) as MemoryFile;
  }
  async removeEntry(name: string, { recursive = false } = {}): Promise<void> {
    const entry = this.#entries.get(name);
    if (!entry) throw new DOMException("no such entry", "NotFoundError");
    if (entry instanceof MemoryDirectory && entry.#entries.size > 0 && !recursive) {
      throw new DOMException("not empty", "InvalidModificationError");
    }
    this.#entries.delete(name);
  }
  async *entries(): AsyncGenerator<[string, Entry]> {
    yield* this.#entries;
  }
  async *keys(): AsyncGenerator<string> {
    yield* this.#entries.keys();
  }

  #get(name: string, kind: Entry["kind"], make: () => Entry, { create = false } = {}): Entry {
    if (/^\.{0,2}$|[/\\]/.test(name)) throw new TypeError(`not a name: ${name}`);
    const entry = this.#entries.get(name);
    if (entry && entry.kind !== kind) throw new DOMException(`a ${entry.kind}`, "TypeMismatchError");
    if (entry) return entry;
    if (!create) throw new DOMException("no such entry", "NotFoundError");
    const made = make();
    this.#entries.set(name, made);
    return made;
  }
}

/** An empty directory. */
export function memoryHandle(name = ""): FileSystemDirectoryHandle {
  return new MemoryDirectory(name) as unknown as FileSystemDirectoryHandle;
}

/** Exclusive locks, granted in the order of requests. */
export function memoryLocks(): Pick<LockManager, "request"> {
  const last = new Map<string, Promise<unknown>>();
  const request = async (
    name: string,
    { signal }: { signal?: AbortSignal },
    work: () => Promise<unknown>,
  ): Promise<unknown> => {
    const before = last.get(name);
    let aborted = false;
    const running = Promise.resolve(before).then(() => (aborted ? undefined : work()));
    last.set(name, running);
    if (!signal) return running;
    const abort = new Promise((_, reject) => {
      const onAbort = () => {
        aborted = true;
        reject(signal.reason);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
    });
    return Promise.race([running, abort]);
  };
  return { request } as unknown as Pick<LockManager, "request">;
}
