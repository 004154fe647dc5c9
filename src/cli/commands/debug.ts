/** `unmask debug`: results for comparison with other implementations, as JSON on standard output. */
import type { Command } from "commander";
import { type DecodeLoop, DiffusionError } from "../../core/index.ts";
import { readCommitsCases, runCommitsCase } from "../debug/commits.ts";
import type { JsonField } from "../debug/jsonField.ts";
import { readJsonFile } from "../debug/jsonFile.ts";
import { readLogitsCases } from "../debug/logits.ts";
import {
  compareSamples,
  readSampleSets,
  type SampleComparison,
  type SampleSet,
  sampleAll,
} from "../debug/sample.ts";
import { readTraceRequests, traceAll } from "../debug/trace.ts";
import { exitCodes } from "../fail.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { StatusLine } from "../statusLine.ts";
import {
  type AddCommand,
  addBackendOption,
  addModelOption,
  addOutputOptions,
  decodeLoopOption,
} from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface DebugOptions extends Omit<EngineOptions, "decodeLoop"> {
  readonly input: string;
  readonly loop?: DecodeLoop;
}

interface SampleOptions extends DebugOptions {
  readonly check?: boolean;
}

export const addDebug: AddCommand = (program, { io, setExitCode }) => {
  const debug = addNamed(program, "debug").helpCommand(false);
  const add = (name: string, description: string, run: (io: Io, options: DebugOptions) => Promise<void>) => {
    const command = debug
      .command(name)
      .description(description)
      .requiredOption("--input <file>", "JSON file with the cases")
      .addHelpText("after", exitCodeHelp);
    return command.action((options: DebugOptions) => run(io, options));
  };
  const withModel = (command: Command) => addOutputOptions(addBackendOption(addModelOption(command)));
  const withLoop = (command: Command) => command.addOption(decodeLoopOption("--loop <where>"));

  withLoop(
    withModel(add("trace", "Generate, and print the commits and model calls of every step.", traceFile)),
  )
    .addHelpText(
      "after",
      "\nThe file is {mask, eos, requests: [{prompt, gen, block, decoder, cache, smoothing, mode, maskBlock?, origin?}]}" +
        "\nor {mask, eos, traces: [{request}]}; the output is {results: [{x, steps, passes, forwards, refreshes}]}.",
    )
    .addHelpText("after", examples("unmask debug trace --input traces.json > results.json"));
  const sample = async (io: Io, options: SampleOptions) => {
    if (!(await sampleFile(io, options))) setExitCode(exitCodes.failure);
  };
  withLoop(withModel(add("sample", "Generate with a family's official sampler.", sample)))
    .option("--check", "compare with the answers of the file, and print the number of equal answers")
    .addHelpText(
      "after",
      "\nThe file is [{params: {sampler, ...}, mask?, eos?, pad?, cases: [{prompt, out?}]}], with the published sampler's" +
        "\nparameters; the output is {sets: [{cases: [{out}]}]}. With --check the exit code is 1 if an answer differs.",
    )
    .addHelpText("after", examples("unmask debug sample --model models/sdar --input generate.json --check"));
  withModel(add("logits", "Print the raw logits of every position.", logitsFile)).addHelpText(
    "after",
    "\nThe file is {cases: [{ids, blockLength?, origin?, promptLength?}]}; the output is {cases: [{logits}]}.",
  );
  addOutputOptions(add("commits", "Run decoders on given logits, without a model.", commitsFile)).addHelpText(
    "after",
    "\nThe file is {mask, cases: [{decoder, params, start, steps: [{logits}]}]}; the output is" +
      "\n{cases: [{steps: [{commit}]}]}, where a commit is a list of [position, token] by position.",
  );
};

function engineOptions({ loop, ...options }: DebugOptions): EngineOptions {
  return loop === undefined ? options : { ...options, decodeLoop: loop };
}

async function traceFile(io: Io, options: DebugOptions): Promise<void> {
  const requests = readTraceRequests(await readJsonFile(options.input));
  await interruptible(io, async (signal) => {
    const engine = await loadEngine(io, { ...engineOptions(options), sharePrompts: false }, signal);
    const line = new StatusLine(io);
    try {
      const onDone = (count: number) => line.show(`${count} of ${requests.length} requests`);
      const results = await traceAll(engine, requests, { signal, onDone });
      line.clear();
      await writeList(
        io,
        "results",
        results.map((result) => JSON.stringify(result)),
      );
    } finally {
      line.clear();
      await engine.dispose();
    }
  });
}

/** Returns false if an answer differs. */
async function sampleFile(io: Io, options: SampleOptions): Promise<boolean> {
  const sets = readSampleSets(await readJsonFile(options.input));
  if (options.check) requireAnswers(sets, options.input);
  const total = sets.reduce((sum, { cases }) => sum + cases.length, 0);
  return interruptible(io, async (signal) => {
    const engine = await loadEngine(io, engineOptions(options), signal);
    const line = new StatusLine(io);
    let count = 0;
    const onDone = () => line.show(`${++count} of ${total} cases`);
    const texts: string[] = [];
    let same = true;
    try {
      for (const set of sets) {
        const answers = await sampleAll(engine, set, { signal, onDone });
        texts.push(JSON.stringify({ cases: answers.map((out) => ({ out })) }));
        if (!options.check) continue;
        const comparison = compareSamples(set, answers);
        line.clear();
        await write(io.stdout, comparisonLine(set, comparison));
        same &&= comparison.first === undefined;
      }
      line.clear();
      if (!options.check) await writeList(io, "sets", texts);
      return same;
    } finally {
      line.clear();
      await engine.dispose();
    }
  });
}

/** @throws DiffusionError `invalid-file` if a case has no answer to compare with */
function requireAnswers(sets: readonly SampleSet[], file: string): void {
  if (sets.every(({ cases }) => cases.length > 0 && cases.every(({ out }) => out))) return;
  throw new DiffusionError("invalid-file", `Cannot check '${file}' as not all of its cases have an 'out'`);
}

function comparisonLine({ name }: SampleSet, { compared, equal, first }: SampleComparison): string {
  const line = `${name}: ${equal} of ${compared} equal\n`;
  if (!first) return line;
  const { index, position, expected = "none", found = "none" } = first;
  return `${line}  case ${index}, token ${position}: expected ${expected}, found ${found}\n`;
}

async function logitsFile(io: Io, options: DebugOptions): Promise<void> {
  const cases = readLogitsCases(await readJsonFile(options.input));
  await interruptible(io, async (signal) => {
    const engine = await loadEngine(io, options, signal);
    try {
      const texts: string[] = [];
      for (const { ids, ...mask } of cases) {
        const rows = await engine.logits(ids, mask);
        texts.push(`{"logits":[${rows.map((row) => JSON.stringify(Array.from(row))).join(",")}]}`);
      }
      await writeList(io, "cases", texts);
    } finally {
      await engine.dispose();
    }
  });
}

async function commitsFile(io: Io, options: DebugOptions): Promise<void> {
  const file: JsonField = await readJsonFile(options.input);
  const results = readCommitsCases(file).map(runCommitsCase);
  await writeList(
    io,
    "cases",
    results.map((result) => JSON.stringify(result)),
  );
}

/** Prints `{"name": [...]}` from JSON texts, one at a time, as their concatenation could exceed the longest string. */
async function writeList(io: Io, name: string, texts: readonly string[]): Promise<void> {
  await write(io.stdout, `{${JSON.stringify(name)}:[`);
  for (const [index, text] of texts.entries()) await write(io.stdout, index > 0 ? `,\n${text}` : text);
  await write(io.stdout, "]}\n");
}
