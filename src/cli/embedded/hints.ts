/** Hints for prompts that the embedded model was not trained on. */
import type { GenerateRequest } from "../../core/index.ts";
import type { Io } from "../io.ts";
import { note } from "../statusLine.ts";
import { kindOf, promptKinds } from "./promptKinds.ts";

/** A hint for a request outside the embedded model's training data; undefined for other requests and for token ids. */
export function hintFor({ messages, prompt, tokens }: GenerateRequest): string | undefined {
  if (tokens !== undefined) return undefined;
  if (Array.isArray(messages)) return conversationHint(messages);
  if (typeof prompt === "string") return rawHint;
  return messages === undefined && prompt === undefined ? noPromptHint : undefined;
}

const model = "The embedded model was trained on";
const rawHint = `${model} prompts in its chat template, not on raw text.`;
const noPromptHint = `${model} answers to prompts, not on texts without a prompt.`;

function conversationHint(messages: readonly { readonly role?: unknown; readonly content?: unknown }[]) {
  if (messages.some((message) => message?.role === "system")) {
    return `${model} prompts without a system message.`;
  }
  if (messages.length > 1)
    return `${model} single prompts, not on conversations: in a chat, enter /reset before each new prompt.`;
  const content = messages[0]?.content;
  return typeof content === "string" ? promptHint(content) : undefined;
}

function promptHint(prompt: string): string | undefined {
  if (kindOf(prompt)) return undefined;
  if (kindOf(prompt.trim())) return `${model} prompts without white space around them.`;
  const like = promptKinds.find(({ start }) => start.test(prompt));
  if (like) return `${model} other prompts of this kind, like "${like.example}": ${like.limits}.`;
  const examples = promptKinds.map(({ example }) => `  ${example}`);
  const rest = "Use --model to choose another model.";
  return [
    `${model} ${promptKinds.length} kinds of prompt, and this prompt is of a different kind. Examples:`,
    ...examples,
    rest,
  ].join("\n");
}

/** Prints each hint once on standard error. */
export class EmbeddedHints {
  readonly #io: Io;
  readonly #isEmbedded: boolean;
  readonly #printed = new Set<string>();

  /** @param options the command's options; without `model`, the embedded model answers */
  constructor(io: Io, { model }: { readonly model?: string }) {
    this.#io = io;
    this.#isEmbedded = model === undefined;
  }

  /** Prints the hint for a request that is about to be answered, if any. */
  async before(request: GenerateRequest): Promise<void> {
    const hint = this.#isEmbedded ? hintFor(request) : undefined;
    if (hint === undefined || this.#printed.has(hint)) return;
    this.#printed.add(hint);
    await note(this.#io, hint);
  }

  /** Prints the number of requests with a hint, and the first hint. */
  async beforeAll(requests: readonly GenerateRequest[]): Promise<void> {
    const hints = this.#isEmbedded ? requests.flatMap((request) => hintFor(request) ?? []) : [];
    if (hints.length === 0) return;
    const count = `${hints.length} of ${requests.length} prompts`;
    await note(
      this.#io,
      `${count} differ from the training data of the embedded model. First hint: ${hints[0]}`,
    );
  }
}
