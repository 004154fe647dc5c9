/** `unmask batch`: many requests from a file, their results into another. */
import { answerAll } from "../batch/answerAll.ts";
import { type BatchItem, readItems } from "../batch/items.ts";
import { type ResultSink, resultFile, standardOutput } from "../batch/resultFile.ts";
import { type OptionValues, type RequestChoices, readChoices } from "../choices.ts";
import { exitCodes } from "../fail.ts";
import { readBytes } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { builtInOptions } from "../options.ts";
import { note, StatusLine } from "../statusLine.ts";
import { readStdin } from "../stdin.ts";
import { parseCount } from "../values.ts";
import {
  type AddCommand,
  addRequestOptions,
  type CommandContext,
  examples,
  exitCodeHelp,
} from "./command.ts";

interface BatchOptions extends EngineOptions {
  readonly input: string;
  readonly output: string;
  readonly concurrency: string;
  readonly system?: string;
}

export const addBatch: AddCommand = (program, context) => {
  const command = program
    .command("batch")
    .description("Answer the requests of a file, several at a time. Goes on where it was interrupted.")
    .requiredOption("--input <file>", "JSON lines of requests; - is standard input")
    .requiredOption("--output <file>", "JSON lines of results; - is standard output")
    .option("--concurrency <count>", "requests under way at a time", "4");
  addRequestOptions(command);
  command
    .addHelpText(
      "after",
      "\nA line is {id?, messages | prompt | tokens | infill, ...}, with any field of a request: the options are" +
        "\ndefaults for all lines. Chat models want 'messages', [{role: \"user\", content}]: 'prompt' is given to the" +
        "\nmodel as it is, without its chat template. A result is {index, id?, text, tokens, usage, reason, holes?} or" +
        "\n{index, id?, error: {code, message}}; results come as they are ready. Requests whose results the output" +
        "\nholds already are left out.",
    )
    .addHelpText("after", `${exitCodeHelp.trimEnd()}; 1 if any request failed\n`)
    .addHelpText(
      "after",
      examples(
        "unmask batch --input requests.jsonl --output results.jsonl",
        "unmask batch --input requests.jsonl --output - --concurrency 8 --cache dual | jq -r .text",
      ),
    )
    .action((values: OptionValues) =>
      batch(context, values as unknown as BatchOptions, readChoices(values, builtInOptions)),
    );
};

async function batch(
  { io, setExitCode }: CommandContext,
  options: BatchOptions,
  choices: RequestChoices,
): Promise<void> {
  const { input, output, system } = options;
  const concurrency = parseCount("--concurrency", options.concurrency);
  await interruptible(io, async (signal) => {
    const bytes =
      input === "-" ? await readStdin(io, { signal, what: "the requests" }) : await readBytes(input);
    const items = readItems(bytes, input === "-" ? "standard input" : input, { choices, system });
    const sink = output === "-" ? standardOutput(io) : await resultFile(output, items);
    const tally = new Tally(io, items.length, sink.previous);
    try {
      const open = items.filter(({ index }) => !sink.previous.has(index));
      if (open.length > 0) await answerOpen(io, open, { options, concurrency, sink, tally, signal });
    } finally {
      await sink.close();
      await tally.close();
    }
    if (tally.failedCount > 0) setExitCode(exitCodes.failure);
  });
}

interface OpenWork {
  readonly options: BatchOptions;
  readonly concurrency: number;
  readonly sink: ResultSink;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

async function answerOpen(
  io: Io,
  items: readonly BatchItem[],
  { options, concurrency, sink, tally, signal }: OpenWork,
): Promise<void> {
  const engine = await loadEngine(io, options, signal);
  try {
    await answerAll(engine, items, {
      ...{ concurrency, signal },
      async onResult(result) {
        await sink.add(result);
        tally.count("error" in result);
      },
    });
  } finally {
    await engine.dispose();
  }
}

/** Counts results, on standard error. */
class Tally {
  readonly #io: Io;
  readonly #line: StatusLine;
  readonly #total: number;
  readonly #previousCount: number;
  #done: number;
  failedCount: number;

  constructor(io: Io, total: number, previous: ResultSink["previous"]) {
    this.#io = io;
    this.#line = new StatusLine(io);
    this.#total = total;
    this.#previousCount = previous.size;
    this.#done = previous.size;
    this.failedCount = [...previous.values()].filter(Boolean).length;
  }

  count(isFailure: boolean): void {
    this.#done++;
    if (isFailure) this.failedCount++;
    this.#line.show(this.#text);
  }

  /** Says in the end what there is. */
  async close(): Promise<void> {
    this.#line.clear();
    const before = this.#previousCount > 0 ? `, ${this.#previousCount} there before` : "";
    await note(this.#io, `${this.#text}${before}`);
  }

  get #text(): string {
    return `${this.#done} of ${this.#total} requests done, ${this.failedCount} failed`;
  }
}
