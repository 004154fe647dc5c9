/** `unmask tune`: searches decoders, caches and their parameters on tasks, and writes presets. */
import { join } from "node:path";
import { throwIfAborted } from "../../core/index.ts";
import { requestsOf } from "../../eval/evaluate.ts";
import { readTasks, type Task } from "../../eval/task.ts";
import { seededRandom } from "../../eval/tune/random.ts";
import { type Phase, search } from "../../eval/tune/search.ts";
import type { Candidate } from "../../eval/tune/settings.ts";
import { taskOrder } from "../../eval/tune/taskOrder.ts";
import { addDecoderModuleOption } from "../decoderModules.ts";
import { EmbeddedHints } from "../embedded/hints.ts";
import { plotterFor } from "../evalReport.ts";
import { readText } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import type { EngineOptions } from "../load.ts";
import type { Vocabulary } from "../options.ts";
import { type CandidateOptions, readCandidates } from "../tune/candidates.ts";
import { withEngines } from "../tune/engines.ts";
import { writeFinding } from "../tune/finding.ts";
import { TuneProgress } from "../tune/progress.ts";
import { RecordedTasks } from "../tune/recordedTasks.ts";
import { parseDuration, parsePoints, parseSeed } from "../tune/values.ts";
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

interface TuneOptions extends EngineOptions, CandidateOptions {
  readonly tasks: string;
  readonly out: string;
  readonly budget: string;
  readonly maxLoss: string;
  readonly maxKindLoss: string;
  readonly jobs: string;
  readonly seed: string;
  readonly plot: boolean;
}

export const addTune: AddCommand = (program, { io, vocabulary }) => {
  const command = addNamed(program, "tune")
    .requiredOption("--tasks <file>", "tasks as JSON lines, as `unmask eval` reads them")
    .requiredOption("--out <dir>", "directory for the results; existing results are reused")
    .option("--budget <duration>", "time of the search, for example 90s, 15m or 1h", "1h")
    .option("--max-loss <points>", "accuracy that a preset may lose against the baseline, in points", "1")
    .option("--max-kind-loss <points>", "the same for each kind of tasks", "2")
    .option(
      "--baseline <preset|file>",
      "a preset of the model, or a file with one configuration (default: one token per step)",
    )
    .option(
      "--space <file>",
      "search only these configurations: a JSON list as `unmask eval --configurations` reads it",
    )
    .option("--decoders <names>", "search only these decoders: names, separated by commas")
    .option("--caches <names>", "search only these caches, which can be those of other implementations")
    .option("--jobs <count>", "tasks that are run at the same time, each on an engine in a thread", "1")
    .option("--seed <integer>", "seed of the search", "0")
    .option("--no-plot", "do not draw the plots");
  addSizeOptions(addDecodeLoopOption(addBackendOption(addModelOption(addDecoderModuleOption(command)))));
  addOutputOptions(command)
    .addHelpText(
      "after",
      "\nWrites results.jsonl, table.md, summary.json, plot.svg, plot-ms.svg and presets.json. An interrupted search continues from results.jsonl.",
    )
    .addHelpText("after", exitCodeHelp)
    .addHelpText("after", examples("unmask tune --tasks tasks.jsonl --out tuned --budget 15m --jobs 2"))
    .action((options: TuneOptions) => interruptible(io, (signal) => run(io, options, vocabulary, signal)));
};

async function run(io: Io, options: TuneOptions, vocabulary: Vocabulary, signal: AbortSignal): Promise<void> {
  const allowed = {
    overall: parsePoints("--max-loss", options.maxLoss),
    perKind: parsePoints("--max-kind-loss", options.maxKindLoss),
  };
  const budgetMs = parseDuration("--budget", options.budget);
  const jobs = parseCount("--jobs", options.jobs);
  const random = seededRandom(parseSeed("--seed", options.seed));
  const tasks = readTasks(await readText(options.tasks), options.tasks);
  const order = taskOrder(tasks, random);
  const recorded = await RecordedTasks.open(join(options.out, "results.jsonl"), tasks);
  const plotter = await plotterFor(io, options.plot);
  await new EmbeddedHints(io, options).beforeAll(requestsOf(tasks));
  const finding = await withEngines(io, options, jobs, signal, async (engines) => {
    const { decoders } = vocabulary.declarations;
    const candidates = await readCandidates(options, decoders, engines[0]!.info, random);
    const progress = new TuneProgress(io, budgetMs);
    const run = async (candidate: Candidate, task: number, job: number) => {
      const record = await recorded.run(engines[job]!, candidate, task, signal);
      progress.count();
      return record;
    };
    const onPhase = (phase: Phase) => progress.enter(phase);
    const elapsedMs = () => progress.elapsedMs;
    const limits = { jobs, budgetMs, allowed, firstCount: firstCount(tasks) };
    try {
      return await search({ ...candidates, ...limits, order, run, elapsedMs, signal, onPhase });
    } finally {
      progress.clear();
    }
  });
  throwIfAborted(signal, "finish the search");
  await writeFinding(io, finding, { options, allowed, plotter, vocabulary });
}

/** The tasks of the first comparison: one of each kind, but neither too few nor too many. */
function firstCount(tasks: readonly Task[]): number {
  const kinds = new Set(tasks.map(({ kind }) => kind)).size;
  return Math.min(tasks.length, Math.max(4, Math.min(8, kinds)));
}
