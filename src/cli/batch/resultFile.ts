/** Destinations of results: a file, from which an interrupted batch can resume, or standard output. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { readBytes, writeError, writing } from "../files.ts";
import { type Io, write } from "../io.ts";
import type { BatchItem } from "./items.ts";
import { type Outcomes, readPrevious } from "./previous.ts";
import { type BatchResult, resultLine } from "./results.ts";

export interface ResultSink {
  /** The outcomes of existing results. */
  readonly previous: Outcomes;
  /** Appends a line. Concurrent calls do not interleave their lines. */
  add(result: BatchResult): Promise<void>;
  close(): Promise<void>;
}

export function standardOutput(io: Io): ResultSink {
  return {
    previous: new Map(),
    add: (result) => write(io.stdout, resultLine(result)),
    async close() {},
  };
}

/**
 * Opens a file for appending after its existing results, and removes an incomplete last line.
 * @throws DiffusionError `invalid-file` if the file holds other content or results of other items; `not-found`, `io`
 */
export async function resultFile(path: string, items: readonly BatchItem[]): Promise<ResultSink> {
  const { outcomes: previous, wholeBytes } = readPrevious(await readExisting(path), path, items);
  const file = await openAt(path, wholeBytes);
  let last: Promise<void> = Promise.resolve();
  return {
    previous,
    add(result) {
      // Writes are sequential, as concurrent writes could interleave.
      last = last.then(() => append(file, path, resultLine(result)));
      return last;
    },
    async close() {
      await last.catch(() => {});
      await file.close();
    },
  };
}

/** The content of a regular file; empty for a missing file, a pipe or a device. */
async function readExisting(path: string): Promise<Uint8Array> {
  const there = await stat(path).catch(() => undefined);
  return there?.isFile() ? readBytes(path) : new Uint8Array();
}

async function openAt(path: string, bytes: number): Promise<FileHandle> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, "a");
    const now = await file.stat();
    if (now.isFile() && now.size > bytes) await file.truncate(bytes);
    return file;
  } catch (cause) {
    await file?.close();
    throw writeError(path, cause);
  }
}

function append(file: FileHandle, path: string, line: string): Promise<void> {
  return writing(path, () => file.appendFile(line));
}
