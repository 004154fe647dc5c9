/** `unmask compare`: the differences between two decoding runs of the same prompt. */
import { compareTraces } from "../../core/index.ts";
import { comparisonText } from "../comparisonText.ts";
import { type Io, write } from "../io.ts";
import { loadTrace } from "../traceFile.ts";
import { type AddCommand, addOutputOptions } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface CompareOptions {
  readonly json?: boolean;
}

export const addCompare: AddCommand = (program, { io }) => {
  const command = addNamed(program, "compare")
    .argument("<left>", "a trace file of `generate --trace`")
    .argument("<right>", "the trace file to compare with")
    .option("--json", "print JSON with all differing positions");
  addOutputOptions(command)
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        "unmask compare careful.jsonl fast.jsonl",
        "unmask compare a.jsonl b.jsonl --json | jq .firstStep",
      ),
    )
    .action((left: string, right: string, options: CompareOptions) => compare(io, left, right, options));
};

async function compare(io: Io, left: string, right: string, { json }: CompareOptions): Promise<void> {
  const [a, b] = [await loadTrace(left), await loadTrace(right)];
  const comparison = compareTraces(a, b);
  if (json) {
    const { firstStep = null } = comparison;
    return write(io.stdout, `${JSON.stringify({ ...comparison, firstStep }, undefined, 2)}\n`);
  }
  const sides = [
    { file: left, header: a.header },
    { file: right, header: b.header },
  ] as const;
  return write(io.stdout, comparisonText(...sides, comparison));
}
