/** Where results go: a file that an interrupted batch goes on with, or standard output. */
import { type FileHandle, open, stat } from "node:fs/promises";
import { readBytes, writeError, writing } from "../files.ts";
import { type Io, write } from "../io.ts";
import type { BatchItem } from "./items.ts";
import { type Outcomes, readPrevious } from "./previous.ts";
import { type BatchResult, resultLine } from "./results.ts";

export interface ResultSink {
  /** What was there already. */
  readonly previous: Outcomes;
  /** Adds a line; it is whole, or not there, even if several are added at a time. */
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
 * Opens a file behind the results that it holds; a line that was cut off is taken away.
 * @throws DiffusionError `invalid-file` if it holds anything else, or results of other items; `not-found`, `io`
 */
export async function resultFile(path: string, items: readonly BatchItem[]): Promise<ResultSink> {
  const { outcomes: previous, wholeBytes } = readPrevious(await readIfThere(path), path, items);
  const file = await openAt(path, wholeBytes);
  let last: Promise<void> = Promise.resolve();
  return {
    previous,
    add(result) {
      // One write at a time: the lines of two would mix.
      last = last.then(() => append(file, path, resultLine(result)));
      return last;
    },
    async close() {
      await last.catch(() => {});
      await file.close();
    },
  };
}

/** What is in the file; nothing for what is none, as a pipe or a device, which has no end. */
async function readIfThere(path: string): Promise<Uint8Array> {
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
