/** `unmask chat`: a conversation with the model. */
import { type ChatMessage, DiffusionError, type DiffusionErrorCode, type Engine } from "../../core/index.ts";
import { type OptionValues, type RequestChoices, readChoices } from "../choices.ts";
import { type ConversationInput, conversationInput } from "../conversationInput.ts";
import { EmbeddedHints } from "../embedded/hints.ts";
import { exitCodeOf, exitCodes, failureText } from "../fail.ts";
import { interruptible, leave } from "../interrupt.ts";
import { type Io, write } from "../io.ts";
import { type EngineOptions, loadEngine } from "../load.ts";
import { note } from "../statusLine.ts";
import type { ViewOptions } from "../view.ts";
import { type AddCommand, addAnswerOptions, type CommandContext } from "./command.ts";
import { conversation, noTemplate, showAnswer } from "./generate.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface ChatOptions extends EngineOptions, ViewOptions {
  readonly system?: string;
  readonly verbose?: boolean;
}

const commandsHelp = "/reset starts a new conversation, /exit or Ctrl-D quits, Ctrl-C stops an answer";

const embeddedHint =
  "The embedded model was trained on conversations of one or two turns: enter /reset before a third question.";

export const addChat: AddCommand = (program, context) => {
  const command = addNamed(program, "chat");
  addAnswerOptions(command, context.vocabulary);
  command
    .addHelpText("after", `\nCommands in the conversation: ${commandsHelp}.`)
    .addHelpText("after", exitCodeHelp)
    .addHelpText(
      "after",
      examples(
        "unmask chat",
        'unmask chat --model ./LLaDA-8B-Instruct --system "Answer in one sentence." --cache dual',
        'printf "sort 3 1 2\\nnow reverse that\\n" | unmask chat',
      ),
    )
    .action((values: OptionValues) =>
      chat(context, values as unknown as ChatOptions, readChoices(values, context.vocabulary)),
    );
};

async function chat(context: CommandContext, options: ChatOptions, choices: RequestChoices): Promise<void> {
  const { io } = context;
  const engine = await interruptible(io, (signal) => loadEngine(io, options, signal));
  try {
    if (!engine.hasChatTemplate) {
      const message = `Cannot chat as ${noTemplate(engine)}: use \`unmask generate --raw\` to complete raw text`;
      throw new DiffusionError("text", message);
    }
    context.setExitCode(await new Conversation(io, engine, options, choices).run());
  } finally {
    await engine.dispose();
  }
}

/** Errors that end the turn but not the conversation. */
const turnErrors: ReadonlySet<DiffusionErrorCode> = new Set([
  "text",
  "context-exceeded",
  "invalid-request",
  "aborted",
]);

class Conversation {
  readonly #io: Io;
  readonly #engine: Engine;
  readonly #options: ChatOptions;
  readonly #choices: RequestChoices;
  readonly #input: ConversationInput;
  readonly #hints: EmbeddedHints;
  #history: readonly ChatMessage[] = [];
  #answering: AbortController | undefined;
  #exitCode: number = exitCodes.ok;

  constructor(io: Io, engine: Engine, options: ChatOptions, choices: RequestChoices) {
    this.#io = io;
    this.#engine = engine;
    this.#options = options;
    this.#choices = choices;
    this.#hints = new EmbeddedHints(io, options);
    this.#input = conversationInput(io, () => this.#interrupt());
  }

  /** Runs turns until the input ends. Returns the exit code: for piped input, the code of the first failed turn. */
  async run(): Promise<number> {
    const release = this.#io.onInterrupt(() => this.#interrupt());
    try {
      if (this.#input.interactive) {
        const { model, device } = this.#engine;
        await note(this.#io, `${model.family} on ${device}. ${commandsHelp}.`);
        if (this.#options.model === undefined) await note(this.#io, embeddedHint);
      }
      let isEmpty = true;
      for (let line = await this.#input.next(); line !== undefined; line = await this.#input.next()) {
        isEmpty &&= line.trim() === "";
        if (!(await this.#handleLine(line.trim()))) break;
      }
      if (isEmpty && !this.#input.interactive && this.#exitCode === exitCodes.ok) {
        throw new DiffusionError("invalid-request", "Cannot chat as standard input is empty");
      }
      return this.#exitCode;
    } finally {
      this.#input.close();
      release();
    }
  }

  /** Handles a command or a turn. Returns false at the end of the conversation. */
  async #handleLine(line: string): Promise<boolean> {
    if (line === "/exit") return false;
    if (line === "/reset") {
      this.#history = [];
      await note(this.#io, "A new conversation.");
    } else if (line === "/help") await note(this.#io, `${commandsHelp}.`);
    else if (/^\/\w*$/.test(line)) await note(this.#io, `Unknown command ${line}. ${commandsHelp}.`);
    else if (line !== "") await this.#turn(line);
    return true;
  }

  async #turn(content: string): Promise<void> {
    const turns = [...this.#history, { role: "user", content }];
    const messages = conversation(this.#options.system, turns);
    this.#answering = new AbortController();
    const { signal } = this.#answering;
    try {
      const request = { messages, ...this.#choices };
      const answer = await showAnswer(this.#io, this.#engine, request, this.#options, signal, this.#hints);
      this.#history = [...turns, { role: "assistant", content: answer }];
    } catch (error) {
      if (!(error instanceof DiffusionError) || !turnErrors.has(error.code)) throw error;
      await this.#explain(error);
    } finally {
      this.#answering = undefined;
    }
  }

  async #explain(error: DiffusionError): Promise<void> {
    if (error.code === "aborted")
      return note(this.#io, "Stopped. This turn is not part of the conversation.");
    await write(this.#io.stderr, failureText(error, this.#options.verbose === true));
    if (error.code === "context-exceeded" && this.#history.length > 0) {
      const turns = this.#history.length / 2;
      await note(
        this.#io,
        `The conversation of ${turns} turns takes up too much of the context: /reset starts a new one.`,
      );
    }
    if (!this.#input.interactive && this.#exitCode === exitCodes.ok) this.#exitCode = exitCodeOf(error);
  }

  /** Ctrl-C: stops the running answer, or else ends the conversation. */
  #interrupt(): void {
    if (this.#answering) {
      if (this.#answering.signal.aborted) leave(this.#io);
      this.#answering.abort(new Error("Ctrl-C"));
      return;
    }
    this.#exitCode = exitCodes.interrupted;
    this.#input.close();
  }
}
