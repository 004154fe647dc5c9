/** Trace files: written during a generation, and read back. */
import { type FileHandle, open } from "node:fs/promises";
import {
  DiffusionError,
  type EngineHandle,
  type GenerateEvent,
  type GenerateRequest,
  readTrace,
  type Trace,
  TraceWriter,
  traceHeader,
} from "../core/index.ts";
import { readText, requireNewFile, writing } from "./files.ts";

export interface TraceOptions {
  /** The path of the trace; absent for no trace. */
  readonly trace?: string;
  /** Whether to overwrite an existing file. */
  readonly force?: boolean;
}

/**
 * Rejects an existing file before the model is loaded, and `--force` without `--trace`.
 * @throws DiffusionError `invalid-request`
 */
export async function requireTraceFile({ trace, force }: TraceOptions): Promise<void> {
  if (trace === undefined && force) {
    throw new DiffusionError("invalid-request", "Cannot use '--force' without '--trace'");
  }
  if (trace !== undefined && !force) await requireNewFile(trace);
}

/** A trace that is being written. The first event creates the file, so that a rejected request leaves no file. */
export class TraceFile {
  readonly #path: string;
  readonly #writer: TraceWriter;
  readonly #force: boolean;
  #file: FileHandle | undefined;

  constructor(
    path: string,
    { engine, request }: { readonly engine: EngineHandle; readonly request: GenerateRequest },
    { force = false }: TraceOptions,
  ) {
    this.#path = path;
    const nameTokens = (tokens: readonly number[]) => engine.tokenTexts(tokens);
    this.#writer = new TraceWriter(
      traceHeader(engine, request),
      engine.info.hasTokenizer ? nameTokens : undefined,
    );
    this.#force = force;
  }

  /** Resolves once the event is written to the file. */
  async add(event: GenerateEvent): Promise<void> {
    const lines = await this.#writer.lines(event);
    await writing(this.#path, async () => {
      this.#file ??= await open(this.#path, this.#force ? "w" : "wx");
      await this.#file.appendFile(lines);
    });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** @throws DiffusionError `not-found`, `io`, and as readTrace */
export async function loadTrace(path: string): Promise<Trace> {
  return readTrace(await readText(path), path);
}
