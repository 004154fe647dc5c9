/** Traces on disk: written while the generation runs, and read back. */
import { type FileHandle, open } from "node:fs/promises";
import {
  DiffusionError,
  type GenerateEvent,
  readTrace,
  type Trace,
  type TraceHeader,
  traceLine,
} from "../core/index.ts";
import { readText, requireNewFile, writing } from "./files.ts";

export interface TraceOptions {
  /** Where to; nowhere if absent. */
  readonly trace?: string;
  /** Write over a file that is there. */
  readonly force?: boolean;
}

/**
 * Refuses a file that is there, before a model is loaded for it, and `--force` where there is nothing to write over.
 * @throws DiffusionError `invalid-request`
 */
export async function requireTraceFile({ trace, force }: TraceOptions): Promise<void> {
  if (trace === undefined && force) {
    throw new DiffusionError("invalid-request", "Cannot use '--force' as there is no '--trace'");
  }
  if (trace !== undefined && !force) await requireNewFile(trace);
}

/** A trace being written. The file is made with the first event: a request that is refused leaves none. */
export class TraceFile {
  readonly #path: string;
  readonly #header: TraceHeader;
  readonly #force: boolean;
  #file: FileHandle | undefined;

  constructor(path: string, header: TraceHeader, { force = false }: TraceOptions) {
    this.#path = path;
    this.#header = header;
    this.#force = force;
  }

  /** Resolves once the file system has the event. */
  async add(event: GenerateEvent): Promise<void> {
    const head = this.#file ? "" : traceLine(this.#header);
    await writing(this.#path, async () => {
      this.#file ??= await open(this.#path, this.#force ? "w" : "wx");
      await this.#file.appendFile(head + traceLine(event));
    });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** @throws DiffusionError `not-found`, `io`, and as readTrace does */
export async function loadTrace(path: string): Promise<Trace> {
  return readTrace(await readText(path), path);
}
