/** The interface between commands and the process, so that tests can run commands in-process. */

export interface Input extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  /** Terminals only: delivers single keys without echo and without signals, instead of lines. */
  setRawMode?(isRaw: boolean): unknown;
}
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string | Uint8Array, done?: (error?: Error | null) => void): boolean;
  on(event: "error" | "resize", listener: (error: Error) => void): unknown;
  off(event: "error" | "resize", listener: (error: Error) => void): unknown;
}

export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls the listener for each Ctrl-C instead of ending the process, until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process now. */
  exit(code: number): void;
}

/**
 * Writes a text and waits until the stream has accepted it, so that a slow reader slows the writer down.
 * Rejects with the stream's error, for example EPIPE for a closed pipe.
 */
export function write(output: Output, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

const closedCodes: readonly unknown[] = ["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"];

/** Whether the error comes from a closed pipe, for example after `| head`. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && closedCodes.includes(error.code);
}
