import { DiffusionError } from "../core/error.ts";
import { onHandle, onHandleIfExists } from "./handles.ts";
import {
  type Complete,
  marker,
  readMarker,
  readSegments,
  removeSegments,
  segmentName,
  segmentSizes,
  sum,
} from "./opfsSegments.ts";
import { assertRange } from "./range.ts";
import type { GrowingFile } from "./store.ts";

const segmentBytes = 16 * 2 ** 20;

/** A file in OPFS that is written segment by segment. */
export class GrowingOpfsFile implements GrowingFile {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #path: string;
  readonly #release: () => void;
  readonly #generation: number;
  /** Bytes of each closed segment. */
  #sizes: number[];
  #writer: FileSystemWritableFileStream | undefined;
  #written = 0;

  static async open(
    folder: FileSystemDirectoryHandle,
    path: string,
    release: () => void,
  ): Promise<GrowingOpfsFile> {
    const complete = await onHandleIfExists(`read '${path}'`, () => readMarker(folder));
    const generation = (complete?.generation ?? -1) + 1;
    const sizes = await segmentSizes(folder, generation, path);
    return new GrowingOpfsFile(folder, path, release, generation, sizes);
  }

  private constructor(
    folder: FileSystemDirectoryHandle,
    path: string,
    release: () => void,
    generation: number,
    sizes: number[],
  ) {
    this.#folder = folder;
    this.#path = path;
    this.#release = release;
    this.#generation = generation;
    this.#sizes = sizes;
  }

  get size(): number {
    return sum(this.#sizes) + this.#written;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    await this.#close();
    assertRange(this.#path, this.size, offset, length);
    const segments = { generation: this.#generation, sizes: this.#sizes };
    return readSegments(this.#folder, segments, this.#path, offset, length);
  }

  append(bytes: Uint8Array): Promise<void> {
    return onHandle(`write '${this.#path}'`, async () => {
      this.#writer ??= await this.#create(segmentName(this.#generation, this.#sizes.length));
      await this.#writer.write(bytes as Uint8Array<ArrayBuffer>);
      this.#written += bytes.length;
      if (this.#written >= segmentBytes) await this.#close();
    });
  }

  async clear(): Promise<void> {
    await this.#close();
    await onHandle(`write '${this.#path}'`, () =>
      removeSegments(this.#folder, (generation) => generation === this.#generation),
    );
    this.#sizes = [];
  }

  async commit(): Promise<void> {
    await this.#close();
    await onHandle(`write '${this.#path}'`, async () => {
      const complete: Complete = { generation: this.#generation, sizes: this.#sizes };
      const writer = await this.#create(marker);
      await writer.write(JSON.stringify(complete));
      await writer.close();
      await removeSegments(this.#folder, (generation) => generation !== this.#generation);
    });
  }

  async release(): Promise<void> {
    try {
      await this.#close();
    } finally {
      this.#release();
    }
  }

  async #create(name: string): Promise<FileSystemWritableFileStream> {
    const handle = await this.#folder.getFileHandle(name, { create: true });
    if ("createWritable" in handle) return handle.createWritable();
    const message = `Cannot write '${this.#path}' as this browser's private file system must have createWritable: found none`;
    throw new DiffusionError("unsupported", message);
  }

  async #close(): Promise<void> {
    const writer = this.#writer;
    if (!writer) return;
    this.#writer = undefined;
    await onHandle(`write '${this.#path}'`, () => writer.close());
    this.#sizes.push(this.#written);
    this.#written = 0;
  }
}
