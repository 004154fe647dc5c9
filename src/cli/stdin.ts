import { throwIfAborted } from "../core/error.ts";
import { DiffusionError, found } from "../core/index.ts";
import { systemCode } from "./files.ts";
import type { Io } from "./io.ts";
import { note } from "./statusLine.ts";

export interface StdinOptions {
  readonly signal: AbortSignal;
  /** The name of the input in messages, for example `the prompt`. */
  readonly what: string;
  /** Whether to give up and return nothing if no data arrives within `patienceMs`. */
  readonly optional?: boolean;
}

/** After this time without data, an optional read gives up and another read prints what it is waiting for. */
const patienceMs = 3000;

/** Reads all of standard input. @throws DiffusionError `aborted`; `io` if standard input cannot be read */
export async function readStdin(io: Io, { signal, what, optional = false }: StdinOptions): Promise<Buffer> {
  const { stdin } = io;
  const chunks: Buffer[] = [];
  throwIfAborted(signal, `read ${what}`);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      if (optional) finish();
      else note(io, `Waiting for ${what} on standard input.`).catch(reject);
    }, patienceMs);
    function leave(): void {
      clearTimeout(timer);
      stdin.off("data", take).off("end", finish).off("error", fail);
      signal.removeEventListener("abort", finish);
      stdin.pause();
    }
    function finish(): void {
      leave();
      resolve();
    }
    function fail(cause: unknown): void {
      leave();
      const why = `Cannot read ${what} as standard input cannot be read: found ${found(systemCode(cause))}`;
      reject(new DiffusionError("io", why, { cause }));
    }
    function take(chunk: Buffer | string): void {
      clearTimeout(timer);
      chunks.push(Buffer.from(chunk));
    }
    signal.addEventListener("abort", finish);
    stdin.on("data", take).on("end", finish).on("error", fail);
    stdin.resume();
  });
  throwIfAborted(signal, `read ${what}`);
  return Buffer.concat(chunks);
}
