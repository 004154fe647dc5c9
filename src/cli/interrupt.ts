import { setMaxListeners } from "node:events";
import { type Io, isClosedPipe } from "./io.ts";
import { showCursor } from "./terminal.ts";

/** The shell's exit code for a process that Ctrl-C ended. */
export const interruptedCode = 130;

/** Runs `use` with a signal that the first Ctrl-C aborts. The second Ctrl-C ends the process at once. */
export async function interruptible<T>(io: Io, use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  // Every concurrent request adds a listener: more than ten are not a leak.
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

/** Shows the cursor and ends the process at once. */
export function leave(io: Io): void {
  if (io.stdout.isTTY) io.stdout.write(showCursor);
  io.exit(interruptedCode);
}

/** Keeps a closed pipe from crashing the process with a stack trace: writers receive the error and handle it. */
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
