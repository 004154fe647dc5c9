/** `unmask generate`: answers one prompt. */
import {
  type ChatMessage,
  DiffusionError,
  type Engine,
  type GenerateEvent,
  type GenerateRequest,
} from "../../core/index.ts";
import { answerView } from "../answerView.ts";
import { type OptionValues, type RequestChoices, readChoices } from "../choices.ts";
import { EmbeddedHints } from "../embedded/hints.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { Profile } from "../profile.ts";
import { type PromptSource, readPrompt } from "../prompt.ts";
import { note } from "../statusLine.ts";
import { requireTraceFile, TraceFile, type TraceOptions } from "../traceFile.ts";
import type { ViewOptions } from "../view.ts";
import { type AddCommand, addAnswerOptions, addTraceOptions } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

/** Options for turning a prompt into a request. */
export interface PromptOptions {
  readonly raw?: boolean;
  readonly system?: string;
}
interface GenerateOptions extends EngineOptions, AnswerOptions, PromptOptions {
  readonly verbose?: boolean;
  readonly example?: boolean;
}
/** Options for the events of an answer. */
export interface AnswerOptions extends ViewOptions, TraceOptions {
  readonly model?: string;
  readonly onEvent?: (event: GenerateEvent) => void;
}

export const addGenerate: AddCommand = (program, { io, vocabulary }) => {
  const command = addNamed(program, "generate")
    .argument(
      "[prompt...]",
      "the prompt; - for standard input (default: standard input, or an example at a terminal)",
    )
    .option("--example", "without a prompt, answer an example even outside of a terminal")
    .option("--raw", "use the prompt as raw text, without the chat template")
    .option(
      "--draft <text>",
      "start from a draft answer: its least confident tokens are masked and decoded again",
    )
    .option("--remask-fraction <number>", "fraction of the draft to mask again (default: 0.5)")
    .option("--profile", "print the time of every op on standard error, if the backend measures it");
  addAnswerOptions(command, vocabulary);
  addTraceOptions(command)
    .addHelpText("after", "\nDefaults in a model's files override the defaults above.")
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        'unmask generate "sort 42 17 90"',
        'echo "reverse river stone cloud" | unmask generate --cache dual',
        'unmask generate "story: leo, blue bird, lake" --decoder fixed --steps 16',
        'unmask generate --model ./LLaDA-8B-Instruct "Why is the sky blue?" --threshold 0.8 --gen-length 256',
        'unmask generate "sort 3 1 2" --json | jq -c .type',
        'unmask generate "sort 3 1 2" --trace sort.jsonl && unmask replay sort.jsonl',
      ),
    )
    .action((words: readonly string[], values: OptionValues) =>
      generate(io, words, values as unknown as GenerateOptions, readChoices(values, vocabulary)),
    );
};

async function generate(
  io: Io,
  words: readonly string[],
  options: GenerateOptions,
  choices: RequestChoices,
): Promise<void> {
  requirePromptOptions(options);
  await requireTraceFile(options);
  await interruptible(io, async (signal) => {
    const prompt = await readPrompt(io, words, { example: exampleFor(options), signal });
    const engine = await loadEngine(io, options, signal);
    try {
      const request = { ...inputOf(engine, prompt, options), ...choices };
      const profile = options.profile ? new Profile(engine, request) : undefined;
      const onEvent = (event: GenerateEvent) => profile?.add(event);
      await showAnswer(io, engine, request, { ...options, onEvent }, signal);
      if (profile) await note(io, profile.text());
    } finally {
      await engine.dispose();
    }
  });
}

/** At a terminal, the embedded model answers the example by default. Other models need `--example`. */
function exampleFor({ example, model }: GenerateOptions): PromptSource["example"] {
  if (example) return "always";
  return model === undefined ? "at-terminal" : "never";
}

/** @throws DiffusionError `invalid-request` for options that contradict each other */
export function requirePromptOptions({ raw, system }: PromptOptions): void {
  if (!raw || system === undefined) return;
  throw new DiffusionError("invalid-request", "Cannot use '--system' as '--raw' bypasses the chat template");
}

/** The reason why a model does not accept messages. */
export function noTemplate(engine: Engine): string {
  const problem = engine.info.chatTemplateProblem;
  return problem === undefined
    ? "the model has no chat template"
    : `the model's chat template cannot be used (${problem})`;
}

/** @throws DiffusionError `text` if the model has no usable chat template */
export function inputOf(engine: Engine, prompt: string, { raw, system }: PromptOptions): GenerateRequest {
  if (raw) return { prompt };
  if (!engine.hasChatTemplate) {
    const message = `Cannot render the prompt as ${noTemplate(engine)}: use --raw for raw text`;
    throw new DiffusionError("text", message);
  }
  return { messages: conversation(system, [{ role: "user", content: prompt }]) };
}

/** Prepends the system message, if any, to the messages. */
export function conversation(
  system: string | undefined,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  return system === undefined ? messages : [{ role: "system", content: system }, ...messages];
}

/**
 * Streams an answer to the view and to the trace file, if any. Returns the text.
 * @param hints the hints of a conversation, which are printed once
 */
export async function showAnswer(
  io: Io,
  engine: Engine,
  request: GenerateRequest,
  options: AnswerOptions,
  signal: AbortSignal,
  hints = new EmbeddedHints(io, options),
): Promise<string> {
  const { trace } = options;
  const file = trace === undefined ? undefined : new TraceFile(trace, { engine, request }, options);
  const view = await answerView(io, engine, options);
  let text = "";
  try {
    for await (const event of engine.generate(request, { signal })) {
      // Hints follow the start event, so that a rejected request prints only its error.
      if (event.type === "start") await hints.before(request);
      options.onEvent?.(event);
      if (event.type === "done") text = event.text ?? "";
      await file?.add(event);
      await view.show(event);
    }
  } finally {
    view.close();
    await file?.close();
  }
  return text;
}
