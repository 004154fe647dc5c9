/** `unmask eval`: tasks under many configurations, as a table, JSON and a plot. */
import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DiffusionError, type Engine, throwIfAborted } from "../../core/index.ts";
import { type Configuration, readConfigurations } from "../../eval/configuration.ts";
import { evaluate, pending, type Share } from "../../eval/evaluate.ts";
import { plot } from "../../eval/plot.ts";
import { type EvalRecord, readRecords, recordKey, requireSame } from "../../eval/record.ts";
import { summarize, table } from "../../eval/summary.ts";
import { readTasks, type Task } from "../../eval/task.ts";
import { runJobs } from "../evalJobs.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { StatusLine } from "../statusLine.ts";
import { parseCount } from "../values.ts";
import {
  type AddCommand,
  addBackendOption,
  addLoopOption,
  addModelOption,
  addOutputOptions,
  addSizeOptions,
  examples,
  exitCodeHelp,
} from "./command.ts";

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
  const command = program
    .command("eval")
    .description("Run tasks under every configuration, and compare accuracy and speed.")
    .requiredOption("--tasks <file>", "JSON lines of {kind?, prompt, check: {equals | contains | matches}}")
    .requiredOption(
      "--configurations <file>",
      "JSON list of {name?, model?, ...request}, without a prompt; a field with a list is varied",
    )
    .requiredOption("--out <dir>", "where results go; what is there already is not run again")
    .option("--jobs <count>", "processes at a time", "1")
    .option("--limit <count>", "only the first so many tasks")
    .option("--baseline <name>", "what differences are against (default: the first configuration)")
    .option("--no-plot", "leave out the plot")
    .option("--share <index/count>", "run one share and print its records (what --jobs starts)");
  addSizeOptions(addLoopOption(addBackendOption(addModelOption(command))));
  addOutputOptions(command)
    .addHelpText(
      "after",
      "\nWrites results.jsonl, table.md, summary.json and plot.svg. Differences and their 95 % intervals are against the baseline, paired by task.",
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
  const records = [...work.known];
  const total = tasks.length * configurations.length;
  const line = new StatusLine(io);
  const add = async (record: EvalRecord) => {
    records.push(record);
    await appendFile(results, `${JSON.stringify(record)}\n`);
    line.show(`${records.length} of ${total}: ${record.configuration}`);
  };
  const jobs = parseCount("--jobs", options.jobs);
  const left = pending(tasks, configurations, new Set(work.known.map(recordKey)));
  if (left.length > 0) {
    if (jobs === 1) await runShare(io, options, work, { index: 0, count: 1 }, signal, add);
    else
      await runJobs(jobArguments(options), jobs, signal, async (text) => add(JSON.parse(text) as EvalRecord));
  }
  throwIfAborted(signal, "finish the evaluation");
  line.clear();
  const names = configurations.map(({ name }) => name);
  const rows = summarize(records, names, options.baseline);
  await writeFile(join(options.out, "table.md"), table(rows));
  await writeFile(join(options.out, "summary.json"), `${JSON.stringify(rows, undefined, 1)}\n`);
  if (options.plot) await writeFile(join(options.out, "plot.svg"), await plot(rows));
  await write(io.stdout, table(rows));
}

async function open(options: EvalOptions): Promise<Work> {
  const all = readTasks(await text(options.tasks), options.tasks);
  const tasks = options.limit === undefined ? all : all.slice(0, parseCount("--limit", options.limit));
  const configurations = readConfigurations(await text(options.configurations), options.configurations);
  await mkdir(options.out, { recursive: true });
  const results = join(options.out, "results.jsonl");
  const content = existsSync(results) ? await readFile(results, "utf8") : "";
  const whole = content.slice(0, content.lastIndexOf("\n") + 1);
  // A process that was killed may have left half a line.
  if (whole !== content && options.share === undefined) await writeFile(results, whole);
  const names = new Set(configurations.map(({ name }) => name));
  if (options.baseline !== undefined && !names.has(options.baseline)) {
    const message = `Cannot evaluate as '--baseline' must be a configuration: found '${options.baseline}'`;
    throw new DiffusionError("invalid-request", message);
  }
  const known = readRecords(whole, results).filter(
    ({ configuration, task }) => names.has(configuration) && task < tasks.length,
  );
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
  // One model at a time is loaded: the pairs come configuration by configuration.
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
      ...{ share, signal, engineOf, onRecord },
    });
  } finally {
    await loaded?.engine.dispose();
  }
}

function jobArguments({
  tasks,
  configurations,
  out,
  model,
  backend,
  loop,
  context,
  batch,
  cacheDtype,
  limit,
  offline,
}: EvalOptions): readonly string[] {
  const optional = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value]);
  const files = [
    "eval",
    "--tasks",
    tasks,
    "--configurations",
    configurations,
    "--out",
    out,
    "--backend",
    backend,
  ];
  return [
    ...files,
    ...optional("--model", model),
    ...(offline ? ["--offline"] : []),
    ...optional("--loop", loop),
    ...optional("--context", context),
    ...optional("--batch", batch),
    ...optional("--cache-dtype", cacheDtype),
    ...optional("--limit", limit),
  ];
}

function readShare(text: string): Share {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw new DiffusionError(
    "invalid-request",
    `Cannot evaluate as '--share' must be like 0/2: found '${text}'`,
  );
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new DiffusionError("not-found", `Cannot evaluate as '${file}' cannot be read`, { cause });
  }
}
