/** `unmask batch`: answers the requests of a file and writes the results to another file. */
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
import { type AddCommand, addRequestOptions, type CommandContext } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface BatchOptions extends EngineOptions {
  readonly input: string;
  readonly output: string;
  readonly concurrency: string;
  readonly system?: string;
}

export const addBatch: AddCommand = (program, context) => {
  const command = addNamed(program, "batch")
    .requiredOption("--input <file>", "requests as JSON lines; - for standard input")
    .requiredOption("--output <file>", "results as JSON lines; - for standard output")
    .option("--concurrency <count>", "number of concurrent requests", "4");
  addRequestOptions(command, context.vocabulary);
  command
    .addHelpText(
      "after",
      "\nA line is {id?, messages | prompt | tokens | infill, ...} with any fields of a request. The options are defaults" +
        "\nfor all lines. Chat models take 'messages', [{role: \"user\", content}]; 'prompt' is raw text without the chat" +
        "\ntemplate. A result is {index, id?, text, tokens, usage, reason, holes?} or {index, id?, error: {code, message}}." +
        "\nResults are written as soon as they are ready. A request with a result in the output file, even a failed one, is" +
        "\nnot run again." +
        '\nA line can also have OpenAI\'s batch format, {custom_id, method: "POST", url: "/v1/chat/completions", body}. Its' +
        "\nresult is {id, custom_id, response: {status_code, request_id, body}, error}. 'url' is any endpoint of `serve`." +
        "\nThe model of --model answers, whatever 'body.model' says.",
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
    await noteOtherModels(io, items, model);
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

/** Prints a note if lines in OpenAI's format name another model than --model, which answers all lines. */
async function noteOtherModels(io: Io, items: readonly BatchItem[], model: string): Promise<void> {
  const names = items.flatMap(({ form, request }) =>
    form === "api" && "body" in request ? (request.body["model"] ?? []) : [],
  );
  const others = [...new Set(names)].filter((name) => name !== model);
  if (others.length === 0) return;
  const list = others.map((name) => found(name)).join(", ");
  await note(io, `Requests for ${list} are answered by the model '${model}' of --model.`);
}

/** The request of a line, for its prompt. */
function asGenerateRequest({ request }: BatchItem): readonly GenerateRequest[] {
  if (request instanceof DiffusionError) return [];
  return [("body" in request ? request.body : request) as GenerateRequest];
}
