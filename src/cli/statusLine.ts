import { type Io, type Output, write } from "./io.ts";
import { sizeOf } from "./terminal.ts";
import { Throttle } from "./throttle.ts";

const clearLine = "\r\u001b[K";

/** A line on standard error that is redrawn in place; hidden unless standard error is a terminal. */
export class StatusLine {
  readonly #output: Output;
  readonly #throttle: Throttle;
  readonly #live: boolean;
  #text = "";
  #shown = false;

  constructor(io: Io) {
    this.#output = io.stderr;
    this.#live = io.stderr.isTTY === true && io.env["TERM"] !== "dumb";
    this.#throttle = new Throttle(() => this.#draw(), 100);
  }

  show(text: string): void {
    this.#text = text;
    if (this.#live) this.#throttle.request();
  }

  clear(): void {
    this.#throttle.stop();
    if (this.#shown) this.#output.write(clearLine);
    this.#shown = false;
  }

  #draw(): void {
    this.#shown = true;
    this.#output.write(`${clearLine}${this.#text.slice(0, sizeOf(this.#output).columns - 1)}`);
  }
}

/** Prints a permanent line on standard error. */
export function note(io: Io, text: string): Promise<void> {
  return write(io.stderr, `${text}\n`);
}
