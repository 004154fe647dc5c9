/** `unmask infill`: fills the holes of a text. */

import { readTemplate } from "../../core/engine/request/infillTemplate.ts";
import { DiffusionError } from "../../core/index.ts";
import { type OptionValues, type RequestChoices, readChoices } from "../choices.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { readTemplateText, requireText } from "../prompt.ts";
import { requireTraceFile } from "../traceFile.ts";
import { type AddCommand, addAnswerOptions, addTraceOptions } from "./command.ts";
import {
  type AnswerOptions,
  inputOf,
  type PromptOptions,
  requirePromptOptions,
  showAnswer,
} from "./generate.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface InfillOptions extends EngineOptions, AnswerOptions, PromptOptions {
  readonly prompt?: string;
}

export const addInfill: AddCommand = (program, { io, vocabulary }) => {
  const command = addNamed(program, "infill")
    .argument(
      "<template>",
      "text with holes: {5} for 5 tokens, {1-8} for 1 to 8 tokens, {{ for a literal brace; - for standard input",
    )
    .option("--prompt <text>", "the prompt that the text answers")
    .option("--raw", "use the prompt as raw text, without the chat template");
  addAnswerOptions(command, vocabulary);
  addTraceOptions(command)
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        'unmask infill "cloud {5} river" --prompt "reverse river stone cloud"',
        'unmask infill \'json: {{"name": "{1-8}"}\' --raw',
      ),
    )
    .action((template: string, values: OptionValues) =>
      infill(io, template, values as unknown as InfillOptions, readChoices(values, vocabulary)),
    );
};

async function infill(
  io: Io,
  template: string,
  options: InfillOptions,
  choices: RequestChoices,
): Promise<void> {
  const { prompt } = options;
  requirePromptOptions(options);
  for (const name of ["raw", "system"] as const) {
    if (prompt !== undefined || options[name] === undefined) continue;
    throw new DiffusionError("invalid-request", `Cannot use '--${name}' without '--prompt'`);
  }
  if (prompt !== undefined) requireText(prompt, "infill", "'--prompt'");
  await requireTraceFile(options);
  await interruptible(io, async (signal) => {
    const segments = readTemplate(await readTemplateText(io, template, signal));
    const engine = await loadEngine(io, options, signal);
    try {
      const input = prompt === undefined ? {} : inputOf(engine, prompt, options);
      await showAnswer(io, engine, { ...input, infill: segments, ...choices }, options, signal);
    } finally {
      await engine.dispose();
    }
  });
}
