/** `unmask explain`: the nodes of a model's forward pass and their costs. */
import {
  arenaUse,
  DiffusionError,
  Engine,
  type EnginePlan,
  explainPass,
  fullPass,
  type PassExplanation,
  type PassShape,
  type SequenceCounts,
  sectionCost,
  sequencePass,
} from "../../core/index.ts";
import { namedModel } from "../../sources/named.ts";
import { bytesText, countText, operationsText, table } from "../format.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type ModelOptions, sizeOptions } from "../load.ts";
import { parseCount } from "../values.ts";
import { type AddCommand, addModelOption, addOutputOptions, addSizeOptions } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface ExplainOptions extends ModelOptions {
  readonly tokens?: string;
  readonly rows?: string;
  readonly capacity?: boolean;
  readonly json?: boolean;
}

export const addExplain: AddCommand = (program, { io }) => {
  const command = addNamed(program, "explain");
  addSizeOptions(addModelOption(command), "length of the sequence (default: the model's context)")
    .option(
      "--tokens <count>",
      "number of positions that the pass computes (default: the model's block length)",
    )
    .option(
      "--rows <count>",
      "number of positions whose statistics the pass returns (default: the block length)",
    )
    .option("--capacity", "explain the engine's largest pass, not the pass of one sequence")
    .option("--json", "print JSON");
  addOutputOptions(command)
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        "unmask explain",
        "unmask explain --tokens 128 --context 512",
        "unmask explain --capacity --json",
      ),
    )
    .action((options: ExplainOptions) => explain(io, options));
};

async function explain(io: Io, options: ExplainOptions): Promise<void> {
  const source = namedModel(options, io.env);
  const plan = await interruptible(io, (signal) => Engine.plan(source, { ...sizeOptions(options), signal }));
  const pass = passOf(plan, options);
  const explanation = explainPass(plan, pass);
  if (!options.json) return write(io.stdout, explanationText(plan, pass, explanation, source.name));
  const { weightBytes, weightTypes, cacheBytes, checkpointBytes, parameters, capacity } = plan;
  const facts = {
    model: source.name,
    family: plan.model.family,
    pass: { ...countsOfPass(pass), spans: pass.spans.length },
    capacity,
    buckets: plan.plans.buckets,
    ...explanation,
    memory: { parameters, checkpointBytes, weightBytes, weightTypes, cacheBytes, arena: arenaUse(plan) },
  };
  return write(io.stdout, `${JSON.stringify(facts, undefined, 2)}\n`);
}

/** @throws DiffusionError `invalid-request` for counts that are too large */
function passOf(plan: EnginePlan, options: ExplainOptions): PassShape {
  const context = sizeOptions(options).context ?? plan.model.architecture.context;
  if (options.capacity) {
    if (options.tokens === undefined && options.rows === undefined) return fullPass(plan, context);
    const message = "Cannot use '--capacity' with '--tokens' or '--rows' as the capacity determines both";
    throw new DiffusionError("invalid-request", message);
  }
  const { blockLength } = plan.model.defaults;
  const count = (flag: string, text: string | undefined, fallback: number, max: number, maxText: string) => {
    const value = text === undefined ? Math.min(fallback, max) : parseCount(flag, text);
    if (value <= max) return value;
    const message = `Cannot use '${flag}' as it must be at most the ${max} ${maxText}: found ${value}`;
    throw new DiffusionError("invalid-request", message);
  };
  const tokens = count("--tokens", options.tokens, blockLength, context, "positions of the sequence");
  const rows = count("--rows", options.rows, blockLength, tokens, "tokens of the pass");
  return sequencePass(plan, { tokens, context, rows });
}

function countsOfPass({ spans, rows }: PassShape): SequenceCounts {
  const tokens = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  return { tokens, context: Math.max(...spans.map(({ visible }) => visible)), rows };
}

function explanationText(
  plan: EnginePlan,
  pass: PassShape,
  explanation: PassExplanation,
  name: string,
): string {
  const { tokens, context, rows } = countsOfPass(pass);
  const { total, intensity, bucket } = explanation;
  const arena = arenaUse(plan);
  const { weightBytes, cacheBytes, capacity, parameters, checkpointBytes } = plan;
  const { buckets } = plan.plans;
  const sequences = pass.spans.length === 1 ? "one sequence" : `${pass.spans.length} sequences`;
  const head = `${plan.model.family} in ${name}\na pass over ${tokens} positions of ${sequences} of up to ${context}; statistics of ${rows} rows`;
  const facts = table([
    ["pass", `${bytesText(total.bytes)} moved, ${operationsText(total.flops)}, ${total.launches} launches`],
    ["intensity", `${intensity.toFixed(2)} FLOP per byte`],
    ["capacity", `${capacity.tokens} tokens per pass, ${capacity.positions} positions in the cache`],
    ["bucket", `${bucket} tokens of ${buckets.join(", ")}`],
    [
      "weights",
      `${bytesText(weightBytes)} (${countText(parameters)} parameters; ${bytesText(checkpointBytes)} on disk)`,
    ],
    ["weight types", plan.weightTypes.map((each) => `${each.dtype} ${bytesText(each.bytes)}`).join(", ")],
    ["cache", bytesText(cacheBytes)],
    ["arena", `${bytesText(arena.bytes)} shared by tensors of ${bytesText(arena.sumBytes)}`],
    ["memory", bytesText(weightBytes + cacheBytes + arena.bytes)],
  ]);
  return `${head}\n\n${nodeTable(explanation)}\n\n${facts}\n`;
}

function nodeTable({ sections, total }: PassExplanation): string {
  const cells = (bytes: number, flops: number, launches: number) => [
    bytesText(bytes),
    operationsText(flops),
    String(launches),
  ];
  const rows = [["node", "op", "shapes", "weights", "bytes", "operations", "launches"]];
  for (const section of sections) {
    const { title, count, nodes } = section;
    const indent = title ? "  " : "";
    if (title) {
      const sum = sectionCost(section);
      const label = count > 1 ? `${title} × ${count}` : title;
      rows.push([label, "", "", "", ...cells(sum.bytes, sum.flops, sum.launches)]);
    }
    for (const node of nodes) {
      const { name, op, shapes, weightBytes, bytes, flops, launches } = node;
      rows.push([
        indent + name,
        op,
        shapes,
        weightBytes > 0 ? bytesText(weightBytes) : "",
        ...cells(bytes, flops, launches),
      ]);
    }
  }
  rows.push(["total", "", "", "", ...cells(total.bytes, total.flops, total.launches)]);
  return table(rows, [3, 4, 5, 6]);
}
