import { throwIfAborted } from "../core/error.ts";
import type { Io } from "./io.ts";

export interface StdinOptions {
  readonly signal: AbortSignal;
  /** What is being read, for the error of an abort. */
  readonly what: string;
  /** Reads nothing if nothing has come by then. */
  readonly firstWithinMs?: number | undefined;
}

/** All of standard input. @throws DiffusionError `aborted` */
export async function readStdin(io: Io, { signal, what, firstWithinMs }: StdinOptions): Promise<Uint8Array> {
  const { stdin } = io;
  const chunks: Buffer[] = [];
  throwIfAborted(signal, `read ${what}`);
  await new Promise<void>((resolve, reject) => {
    const timer = firstWithinMs === undefined ? undefined : setTimeout(finish, firstWithinMs);
    function finish(): void {
      clearTimeout(timer);
      stdin.off("data", take).off("end", finish).off("error", reject);
      signal.removeEventListener("abort", finish);
      stdin.pause();
      resolve();
    }
    function take(chunk: Buffer | string): void {
      clearTimeout(timer);
      chunks.push(Buffer.from(chunk));
    }
    signal.addEventListener("abort", finish);
    stdin.on("data", take).on("end", finish).on("error", reject);
    stdin.resume();
  });
  throwIfAborted(signal, `read ${what}`);
  return Buffer.concat(chunks);
}
