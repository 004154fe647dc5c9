/** `unmask batch`: many requests from a file, their results into another. */
import { DiffusionError, found, type GenerateRequest } from "../../core/index.ts";
import { answerAll } from "../batch/answerAll.ts";
import { apiOver } from "../batch/api.ts";
import { type BatchItem, readItems } from "../batch/items.ts";
import { type ResultSink, resultFile, standardOutput } from "../batch/resultFile.ts";
import { failureOf } from "../batch/results.ts";
import { Tally } from "../batch/tally.ts";
import { type OptionValues, type RequestChoices, readChoices } from "../choices.ts";
import { EmbeddedHints } from "../embedded/hints.ts";
import { exitCodes } from "../fail.ts";
import { readBytes } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { servedName } from "../serve/models.ts";
import { note } from "../statusLine.ts";
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
  addRequestOptions(command, context.vocabulary);
  command
    .addHelpText(
      "after",
      "\nA line is {id?, messages | prompt | tokens | infill, ...}, with any field of a request: the options are" +
        "\ndefaults for all lines. Chat models want 'messages', [{role: \"user\", content}]: 'prompt' is given to the" +
        "\nmodel as it is, without its chat template. A result is {index, id?, text, tokens, usage, reason, holes?} or" +
        "\n{index, id?, error: {code, message}}; results come as they are ready. Requests whose results the output" +
        "\nholds already, failures among them, are left out." +
        '\nA line may also be one of OpenAI\'s batches, {custom_id, method: "POST", url: "/v1/chat/completions", body}: its' +
        "\nresult is {id, custom_id, response: {status_code, request_id, body}, error}. 'url' is any endpoint of `serve`, and" +
        "\n--model says which model answers, whatever 'body.model' says.",
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
      batch(context, values as unknown as BatchOptions, readChoices(values, context.vocabulary)),
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
    const tally = await Tally.over(io, items, sink.previous);
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
    const model = servedName(options.model);
    await sayWhoAnswers(io, items, model);
    await new EmbeddedHints(io, options).beforeAll(items.flatMap(asGenerateRequest));
    await answerAll({ engine, api: apiOver(engine, model) }, items, {
      concurrency,
      signal,
      async onResult(item, result) {
        await sink.add(result);
        await tally.count(item.index, failureOf(result));
      },
    });
  } finally {
    await engine.dispose();
  }
}

/** OpenAI's lines name a model, and --model names the one that answers. */
async function sayWhoAnswers(io: Io, items: readonly BatchItem[], model: string): Promise<void> {
  const names = items.flatMap(({ form, request }) =>
    form === "api" && "body" in request ? (request.body["model"] ?? []) : [],
  );
  const others = [...new Set(names)].filter((name) => name !== model);
  if (others.length === 0) return;
  const asked = others.map((name) => found(name)).join(", ");
  await note(io, `Requests for ${asked} are answered by the model '${model}', as --model says.`);
}

/** What a line asks, as far as its prompt goes. */
function asGenerateRequest({ request }: BatchItem): readonly GenerateRequest[] {
  if (request instanceof DiffusionError) return [];
  return [("body" in request ? request.body : request) as GenerateRequest];
}
