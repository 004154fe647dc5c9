/** `unmask explain`: a model's forward pass as data. */
import { DiffusionError, Engine, type EnginePlan } from "../../core/index.ts";
import { namedModel } from "../../sources/named.ts";
import {
  arenaUse,
  type Explanation,
  explainPass,
  fullPass,
  onePass,
  type Pass,
  times,
} from "../explanation.ts";
import { bytesText, countText, operationsText, table } from "../format.ts";
import { interruptible } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type ModelOptions, sizeOptions } from "../load.ts";
import { parseCount } from "../values.ts";
import {
  type AddCommand,
  addModelOption,
  addOutputOptions,
  addSizeOptions,
  examples,
  exitCodeHelp,
} from "./command.ts";

interface ExplainOptions extends ModelOptions {
  readonly tokens?: string;
  readonly rows?: string;
  readonly capacity?: boolean;
  readonly json?: boolean;
}

export const addExplain: AddCommand = (program, { io }) => {
  const command = program
    .command("explain")
    .description(
      "Print what a forward pass does and costs: nodes, shapes, bytes, operations, launches, memory.",
    );
  addSizeOptions(addModelOption(command), "positions of the sequence (default: the model's context)")
    .option("--tokens <count>", "positions that the pass computes (default: the model's block length)")
    .option("--rows <count>", "positions whose statistics are wanted (default: a block of them)")
    .option("--capacity", "the largest pass that an engine makes, in place of that of one sequence")
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
  const { weightBytes, cacheBytes, checkpointBytes, parameters, capacity } = plan;
  const facts = {
    model: source.name,
    family: plan.model.family,
    pass: { ...countsOfPass(pass), spans: pass.spans.length },
    capacity,
    ...explanation,
    memory: { parameters, checkpointBytes, weightBytes, cacheBytes, arena: arenaUse(plan) },
  };
  return write(io.stdout, `${JSON.stringify(facts, undefined, 2)}\n`);
}

/** @throws DiffusionError `invalid-request` for counts that no pass has */
function passOf(plan: EnginePlan, options: ExplainOptions): Pass {
  const context = sizeOptions(options).context ?? plan.model.architecture.context;
  if (options.capacity) {
    if (options.tokens === undefined && options.rows === undefined) return fullPass(plan, context);
    const message = "Cannot use '--capacity' with '--tokens' or '--rows' as it says how many there are";
    throw new DiffusionError("invalid-request", message);
  }
  const { blockLength } = plan.model.defaults;
  const count = (
    flag: string,
    text: string | undefined,
    fallback: number,
    most: number,
    mostText: string,
  ) => {
    const value = text === undefined ? Math.min(fallback, most) : parseCount(flag, text);
    if (value <= most) return value;
    const message = `Cannot use '${flag}' as it must be at most the ${most} ${mostText}: found ${value}`;
    throw new DiffusionError("invalid-request", message);
  };
  const tokens = count("--tokens", options.tokens, blockLength, context, "positions of the sequence");
  const rows = count("--rows", options.rows, blockLength, tokens, "tokens of the pass");
  return onePass(plan, { tokens, context, rows });
}

function countsOfPass({ spans, rows }: Pass): { tokens: number; context: number; rows: number } {
  const tokens = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  return { tokens, context: Math.max(...spans.map(({ visible }) => visible)), rows };
}

function explanationText(plan: EnginePlan, pass: Pass, explanation: Explanation, name: string): string {
  const { tokens, context, rows } = countsOfPass(pass);
  const { total, intensity } = explanation;
  const arena = arenaUse(plan);
  const { weightBytes, cacheBytes, capacity, parameters, checkpointBytes } = plan;
  const sequences = pass.spans.length === 1 ? "one sequence" : `${pass.spans.length} sequences`;
  const head = `${plan.model.family} in ${name}\na pass over ${tokens} positions of ${sequences} of up to ${context}; ${rows} rows wanted`;
  const facts = table([
    ["pass", `${bytesText(total.bytes)} moved, ${operationsText(total.flops)}, ${total.launches} launches`],
    ["intensity", `${intensity.toFixed(2)} FLOP a byte`],
    ["capacity", `${capacity.tokens} tokens a pass, ${capacity.positions} positions in the cache`],
    [
      "weights",
      `${bytesText(weightBytes)} (${countText(parameters)} parameters; ${bytesText(checkpointBytes)} on disk)`,
    ],
    ["cache", bytesText(cacheBytes)],
    ["arena", `${bytesText(arena.bytes)} for tensors of ${bytesText(arena.sumBytes)} in all`],
    ["memory", bytesText(weightBytes + cacheBytes + arena.bytes)],
  ]);
  return `${head}\n\n${nodeTable(explanation)}\n\n${facts}\n`;
}

function nodeTable({ sections, total }: Explanation): string {
  const cells = (bytes: number, flops: number, launches: number) => [
    bytesText(bytes),
    operationsText(flops),
    String(launches),
  ];
  const rows = [["node", "op", "shapes", "weights", "bytes", "operations", "launches"]];
  for (const { title, count, nodes } of sections) {
    const indent = title ? "  " : "";
    if (title) {
      const sum = times(sumOf(nodes), count);
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

function sumOf(nodes: Explanation["sections"][number]["nodes"]) {
  return nodes.reduce(
    (sum, { bytes, flops, launches }) => ({
      bytes: sum.bytes + bytes,
      flops: sum.flops + flops,
      launches: sum.launches + launches,
    }),
    { bytes: 0, flops: 0, launches: 0 },
  );
}
