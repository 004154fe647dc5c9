/** The lines of a conversation, typed at a terminal or piped in. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Io, Output } from "./io.ts";

/** The output of readline. It drops the echo of keys that are typed while an answer is shown. */
class EchoOutput extends Writable {
  open = true;
  readonly #output: Output;

  constructor(output: Output) {
    super();
    this.#output = output;
    output.on("resize", () => this.emit("resize"));
  }
  get columns(): number | undefined {
    return this.#output.columns;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.open) this.#output.write(chunk);
    // Completes synchronously: a queued chunk would see a later value of `open`.
    done();
  }
}

export interface ConversationInput {
  /** Whether input comes from a terminal. */
  readonly interactive: boolean;
  /** The next line; undefined at the end of the input. */
  next(): Promise<string | undefined>;
  /** Ends the input; a pending `next` resolves with undefined. */
  close(): void;
}

/** @param onInterrupt called for each Ctrl-C: with readline, the terminal sends a key instead of a signal */
export function conversationInput(io: Io, onInterrupt: () => void): ConversationInput {
  const screen = io.stdout.isTTY ? io.stdout : io.stderr;
  const interactive = io.stdin.isTTY === true && screen.isTTY === true;
  const echo = new EchoOutput(screen);
  const lines = createInterface({
    input: io.stdin,
    terminal: interactive,
    prompt: "> ",
    ...(interactive ? { output: echo } : {}),
  });
  const iterator = lines[Symbol.asyncIterator]();
  lines.on("SIGINT", onInterrupt);
  return {
    interactive,
    async next() {
      echo.open = true;
      if (interactive) lines.prompt();
      const { value, done } = await iterator.next();
      echo.open = false;
      return done ? undefined : value;
    },
    close: () => lines.close(),
  };
}
