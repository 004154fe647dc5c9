/** The lines that a person types in a conversation, or that come through a pipe. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Io, Output } from "./io.ts";

/** What readline writes to: closed while an answer is shown, so that keys typed meanwhile do not end up in it. */
class Curtain extends Writable {
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
    // At once, as whether the curtain is open must be asked now and not after the chunks before.
    done();
  }
}

export interface ConversationInput {
  /** Whether somebody types. */
  readonly interactive: boolean;
  /** The next line; undefined at the end. */
  next(): Promise<string | undefined>;
  /** Ends the input; a `next` that is waiting gets undefined. */
  close(): void;
}

/** @param onInterrupt called at each Ctrl-C, which a terminal in readline's hands does not send as a signal */
export function conversationInput(io: Io, onInterrupt: () => void): ConversationInput {
  const screen = io.stdout.isTTY ? io.stdout : io.stderr;
  const interactive = io.stdin.isTTY === true && screen.isTTY === true;
  const curtain = new Curtain(screen);
  const lines = createInterface({
    input: io.stdin,
    terminal: interactive,
    prompt: "> ",
    ...(interactive ? { output: curtain } : {}),
  });
  const iterator = lines[Symbol.asyncIterator]();
  lines.on("SIGINT", onInterrupt);
  return {
    interactive,
    async next() {
      curtain.open = true;
      if (interactive) lines.prompt();
      const { value, done } = await iterator.next();
      curtain.open = false;
      return done ? undefined : value;
    },
    close: () => lines.close(),
  };
}
