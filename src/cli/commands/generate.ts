/** `unmask generate`: one prompt, one answer. */
import {
  type ChatMessage,
  DiffusionError,
  type Engine,
  type GenerateEvent,
  type GenerateRequest,
  traceHeader,
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
import { type AddCommand, addAnswerOptions, addTraceOptions, examples, exitCodeHelp } from "./command.ts";

/** How a prompt becomes the beginning of a request. */
export interface PromptOptions {
  readonly raw?: boolean;
  readonly system?: string;
}
interface GenerateOptions extends EngineOptions, AnswerOptions, PromptOptions {
  readonly verbose?: boolean;
  readonly example?: boolean;
}
/** What becomes of the events of an answer. */
export interface AnswerOptions extends ViewOptions, TraceOptions {
  readonly model?: string;
  readonly onEvent?: (event: GenerateEvent) => void;
}

export const addGenerate: AddCommand = (program, { io, vocabulary }) => {
  const command = program
    .command("generate")
    .description("Answer one prompt, and show it being unmasked where standard output is a terminal.")
    .argument(
      "[prompt...]",
      "what to answer (default: standard input, which - names; at a terminal an example)",
    )
    .option("--example", "answer an example where no prompt is given, not only at a terminal")
    .option("--raw", "give the prompt to the model as it is, without its chat template")
    .option("--draft <text>", "an answer to start from, of which the least sure tokens are written again")
    .option("--draft-share <number>", "which share of the draft is written again (default: 0.5)")
    .option("--profile", "tell on standard error what each op took, on backends that measure it");
  addAnswerOptions(command, vocabulary);
  addTraceOptions(command)
    .addHelpText("after", "\nA model's own defaults, where it has some, come before those above.")
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

/** The embedded model answers the example right; others do so where they are asked to. */
function exampleFor({ example, model }: GenerateOptions): PromptSource["example"] {
  if (example) return "anywhere";
  return model === undefined ? "at-terminal" : "nowhere";
}

/** @throws DiffusionError `invalid-request` for options that contradict each other */
export function requirePromptOptions({ raw, system }: PromptOptions): void {
  if (!raw || system === undefined) return;
  throw new DiffusionError("invalid-request", "Cannot use '--system' as '--raw' takes the prompt as it is");
}

/** Why a model cannot be given messages. */
export function noTemplate(engine: Engine): string {
  const problem = engine.info.chatTemplateProblem;
  return problem === undefined
    ? "the model has no chat template"
    : `the model's chat template cannot be used (${problem})`;
}

/** @throws DiffusionError `text` if the model has no chat template that can be used */
export function inputOf(engine: Engine, prompt: string, { raw, system }: PromptOptions): GenerateRequest {
  if (raw) return { prompt };
  if (!engine.hasChatTemplate) {
    const message = `Cannot render the prompt as ${noTemplate(engine)}: --raw gives it to the model as it is`;
    throw new DiffusionError("text", message);
  }
  return { messages: conversation(system, [{ role: "user", content: prompt }]) };
}

/** The messages, behind the system message if there is one. */
export function conversation(
  system: string | undefined,
  messages: readonly ChatMessage[],
): readonly ChatMessage[] {
  return system === undefined ? messages : [{ role: "system", content: system }, ...messages];
}

/**
 * Shows an answer as it comes, saves its trace if that is wanted, and returns its text.
 * @param hints those of a conversation, which are not said again
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
  const file = trace === undefined ? undefined : new TraceFile(trace, traceHeader(engine, request), options);
  const view = answerView(io, engine, options);
  let text = "";
  try {
    for await (const event of engine.generate(request, { signal })) {
      // Of a request that was taken: one that is refused has its own words.
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
