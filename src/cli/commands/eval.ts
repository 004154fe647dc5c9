/** `unmask eval`: runs tasks under several configurations, and reports a table, JSON and a plot. */
import { join } from "node:path";
import { DiffusionError, type Engine, throwIfAborted } from "../../core/index.ts";
import { type Configuration, readConfigurations } from "../../eval/configuration.ts";
import { evaluate, pending, requestsOf, type Share } from "../../eval/evaluate.ts";
import { type EvalRecord, recordKey, requireSame } from "../../eval/record.ts";
import { summarize } from "../../eval/summary.ts";
import { readTasks, type Task } from "../../eval/task.ts";
import { addDecoderModuleOption } from "../decoderModules.ts";
import { EmbeddedHints } from "../embedded/hints.ts";
import { runJobs } from "../evalJobs.ts";
import { plotterFor, writeReport } from "../evalReport.ts";
import { appendResult, openResults } from "../evalResults.ts";
import { readText } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { StatusLine } from "../statusLine.ts";
import { parseCount } from "../values.ts";
import {
  type AddCommand,
  addBackendOption,
  addDecodeLoopOption,
  addModelOption,
  addOutputOptions,
  addSizeOptions,
} from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface EvalOptions extends EngineOptions {
  readonly tasks: string;
  readonly configurations: string;
  readonly out: string;
  readonly jobs: string;
  readonly limit?: string;
  readonly baseline?: string;
  readonly plot: boolean;
  readonly share?: string;
}

export const addEval: AddCommand = (program, { io }) => {
  const command = addNamed(program, "eval")
    .requiredOption(
      "--tasks <file>",
      "tasks as JSON lines, {kind?, prompt, check: {equals | contains | matches}}",
    )
    .requiredOption(
      "--configurations <file>",
      "JSON list of {name?, model?, ...request} without a prompt; a list as a field's value expands to one configuration per element",
    )
    .requiredOption("--out <dir>", "directory for the results; existing results are reused")
    .option("--jobs <count>", "number of parallel processes", "1")
    .option("--limit <count>", "number of tasks to run, from the start of the file (default: all)")
    .option("--baseline <name>", "the configuration to compare with (default: the first)")
    .option("--no-plot", "do not draw the plot")
    .option("--share <index/count>", "run one share and print its records; used by the processes of --jobs");
  addSizeOptions(addDecodeLoopOption(addBackendOption(addModelOption(addDecoderModuleOption(command)))));
  addOutputOptions(command)
    .addHelpText(
      "after",
      "\nWrites results.jsonl, table.md, summary.json and plot.svg. Differences from the baseline, with 95 % intervals, are paired by task.",
    )
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples("unmask eval --tasks tasks.jsonl --configurations configurations.json --out results --jobs 2"),
    )
    .action((options: EvalOptions) => interruptible(io, (signal) => run(io, options, signal)));
};

interface Work {
  readonly tasks: readonly Task[];
  readonly configurations: readonly Configuration[];
  readonly results: string;
  readonly known: readonly EvalRecord[];
}

async function run(io: Io, options: EvalOptions, signal: AbortSignal): Promise<void> {
  const work = await open(options);
  if (options.share !== undefined) {
    const share = readShare(options.share);
    await runShare(io, options, work, share, signal, (record) =>
      write(io.stdout, `${JSON.stringify(record)}\n`),
    );
    return;
  }
  const { tasks, configurations, results } = work;
  const jobs = parseCount("--jobs", options.jobs);
  const plotter = await plotterFor(io, options.plot);
  const records = [...work.known];
  const total = tasks.length * configurations.length;
  const line = new StatusLine(io);
  const add = async (record: EvalRecord) => {
    records.push(record);
    await appendResult(results, record);
    line.show(`${records.length} of ${total}: ${record.configuration}`);
  };
  const left = pending(tasks, configurations, new Set(work.known.map(recordKey)));
  try {
    if (left.length > 0) {
      await printHints(io, options, work);
      if (jobs === 1) await runShare(io, options, work, { index: 0, count: 1 }, signal, add);
      else {
        const addLine = async (text: string) => add(JSON.parse(text) as EvalRecord);
        await runJobs(jobArguments(options), jobs, signal, addLine);
      }
    }
  } finally {
    line.clear();
  }
  throwIfAborted(signal, "finish the evaluation");
  const names = configurations.map(({ name }) => name);
  await writeReport(io, options.out, summarize(records, names, options.baseline), plotter);
}

/** Prints hints on the prompts if any configuration uses the embedded model. */
async function printHints(io: Io, { model }: EvalOptions, { tasks, configurations }: Work): Promise<void> {
  const named = configurations.every((configuration) => (configuration.model ?? model) !== undefined);
  if (!named) await new EmbeddedHints(io, {}).beforeAll(requestsOf(tasks));
}

async function open(options: EvalOptions): Promise<Work> {
  const all = readTasks(await readText(options.tasks), options.tasks);
  const tasks = options.limit === undefined ? all : all.slice(0, parseCount("--limit", options.limit));
  const configurations = readConfigurations(await readText(options.configurations), options.configurations);
  const names = new Set(configurations.map(({ name }) => name));
  if (options.baseline !== undefined && !names.has(options.baseline)) {
    const message = `Cannot evaluate as '--baseline' must be a configuration: found '${options.baseline}'`;
    throw new DiffusionError("invalid-request", message);
  }
  const results = join(options.out, "results.jsonl");
  const existing = await openResults(results, options.share === undefined);
  const known = existing.filter(({ configuration, task }) => names.has(configuration) && task < tasks.length);
  requireSame(known, { tasks, configurations, results });
  return { tasks, configurations, results, known };
}

async function runShare(
  io: Io,
  options: EvalOptions,
  { tasks, configurations, known }: Work,
  share: Share,
  signal: AbortSignal,
  onRecord: (record: EvalRecord) => Promise<void>,
): Promise<void> {
  // Only one model is loaded at a time, as the work is ordered by configuration.
  let loaded: { readonly model: string | undefined; readonly engine: Engine } | undefined;
  const engineOf = async ({ model = options.model }: Configuration) => {
    if (loaded && loaded.model === model) return loaded.engine;
    await loaded?.engine.dispose();
    loaded = undefined;
    const engine = await loadEngine(io, { ...options, ...(model !== undefined && { model }) }, signal);
    loaded = { model, engine };
    return engine;
  };
  try {
    await evaluate(tasks, configurations, {
      known: new Set(known.map(recordKey)),
      share,
      signal,
      engineOf,
      onRecord,
    });
  } finally {
    await loaded?.engine.dispose();
  }
}

/** The command line of a job: the same evaluation without the options of the report. */
function jobArguments(options: EvalOptions): readonly string[] {
  const {
    model,
    offline,
    verbose,
    decodeLoop,
    context,
    batch,
    cacheDtype,
    quantize,
    limit,
    decoderModule = [],
  } = options;
  const optional = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value]);
  return [
    "eval",
    "--tasks",
    options.tasks,
    "--configurations",
    options.configurations,
    "--out",
    options.out,
    "--backend",
    options.backend,
    ...optional("--model", model),
    ...(offline ? ["--offline"] : []),
    ...(verbose ? ["--verbose"] : []),
    ...optional("--decode-loop", decodeLoop),
    ...optional("--context", context),
    ...optional("--batch", batch),
    ...optional("--cache-dtype", cacheDtype),
    ...optional("--quantize", quantize),
    ...optional("--limit", limit),
    ...decoderModule.flatMap((file) => ["--decoder-module", file]),
  ];
}

function readShare(text: string): Share {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw new DiffusionError(
    "invalid-request",
    `Cannot evaluate as '--share' must be INDEX/COUNT, for example 0/2: found '${text}'`,
  );
}
