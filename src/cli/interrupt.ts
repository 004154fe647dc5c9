import { setMaxListeners } from "node:events";
import { type Io, isClosedPipe } from "./io.ts";
import { showCursor } from "./terminal.ts";

/** What the shell reports for a process that Ctrl-C ended. */
export const interruptedCode = 130;

/** Runs `use` with a signal that the first Ctrl-C aborts; a second one ends the process at once. */
export async function interruptible<T>(io: Io, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // Each request that a command runs at once listens to it: more than ten are no leak.
  setMaxListeners(0, controller.signal);
  const release = io.onInterrupt(() => {
    if (controller.signal.aborted) leave(io);
    else controller.abort(new Error("Ctrl-C"));
  });
  try {
    return await use(controller.signal);
  } finally {
    release();
  }
}

/** Ends the process at once, with the cursor shown. */
export function leave(io: Io): void {
  if (io.stdout.isTTY) io.stdout.write(showCursor);
  io.exit(interruptedCode);
}

/** Keeps a stream whose reader has left from ending the process with a stack: writers see the error themselves. */
export function tolerateClosedPipes(io: Io): () => void {
  const ignore = (error: unknown) => {
    if (!isClosedPipe(error)) throw error;
  };
  io.stdout.on("error", ignore);
  io.stderr.on("error", ignore);
  return () => {
    io.stdout.off("error", ignore);
    io.stderr.off("error", ignore);
  };
}
