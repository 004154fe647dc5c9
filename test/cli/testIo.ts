/** An `Io` with streams that a test fills and reads. */
import { PassThrough, Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Io } from "../../src/cli/io.ts";
import { run } from "../../src/cli/run.ts";
import { tinyFolder } from "../support/tinyModel.ts";

export const oracleDirectory = fileURLToPath(new URL("../fixtures/oracle/", import.meta.url));

export class TestOutput extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 60;
  readonly rows = 20;
  /** Called after each write with all text so far. */
  onText: (text: string) => void = () => {};
  /** The error of the next write, if any. */
  failure: Error | undefined;

  constructor(isTTY: boolean) {
    super({ decodeStrings: false });
    this.isTTY = isTTY;
  }
  /** Calls `use` once, as soon as the written text contains `part`. */
  when(part: string, use: () => void): void {
    this.onText = (text) => {
      if (!text.includes(part)) return;
      this.onText = () => {};
      use();
    };
  }
  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    if (!this.failure) {
      this.text += chunk;
      this.onText(this.text);
    }
    done(this.failure);
  }
}

export interface TestIoOptions {
  /** The content of standard input; null for an idle terminal; a stream for typing later. */
  readonly input?: string | null | PassThrough;
  readonly tty?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export class TestIo implements Io {
  readonly stdin: Io["stdin"];
  readonly stdout: TestOutput;
  readonly stderr: TestOutput;
  readonly env: Readonly<Record<string, string>>;
  /** The arguments of all calls of `exit`. */
  readonly exits: number[] = [];
  readonly #listeners = new Set<() => void>();

  constructor({ input = "", tty = false, env = {} }: TestIoOptions = {}) {
    if (input === null) this.stdin = Object.assign(new PassThrough(), { isTTY: true });
    else this.stdin = typeof input === "string" ? Readable.from(input === "" ? [] : [input]) : input;
    this.stdout = new TestOutput(tty);
    this.stderr = new TestOutput(tty);
    this.env = { TERM: "xterm-256color", ...env };
  }
  onInterrupt(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  /** Presses Ctrl-C. */
  interrupt(): void {
    for (const listener of [...this.#listeners]) listener();
  }
  get listenerCount(): number {
    return this.#listeners.size;
  }
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. */
export async function runCommand(
  argv: readonly string[],
  options: TestIoOptions | TestIo = {},
): Promise<Ran> {
  const io = options instanceof TestIo ? options : new TestIo(options);
  const code = await run(argv, io);
  return { code, stdout: io.stdout.text, stderr: io.stderr.text };
}

/** Runs a command on models/tiny, of which texts and counts are known. Another `--model` among the options takes its place. */
export const runTiny = ([command, ...options]: readonly string[], io?: TestIoOptions | TestIo) =>
  runCommand([command!, "--model", tinyFolder, ...options], io);
