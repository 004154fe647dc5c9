/** What the command line says to someone who asks the embedded model for what it was not trained on. */
import type { GenerateRequest } from "../../core/index.ts";
import type { Io } from "../io.ts";
import { note } from "../statusLine.ts";
import { kindOf, promptKinds } from "./promptKinds.ts";

/** Why a request is outside of what the embedded model was trained on; undefined if it is not, or cannot be told. */
export function hintFor({ messages, prompt, tokens }: GenerateRequest): string | undefined {
  if (tokens !== undefined) return undefined;
  if (Array.isArray(messages)) return conversationHint(messages);
  if (typeof prompt === "string") return rawHint;
  return messages === undefined && prompt === undefined ? noPromptHint : undefined;
}

const model = "The embedded model was trained on";
const rawHint = `${model} prompts in its chat template, and knows nothing of other raw text.`;
const noPromptHint = `${model} answers to its kinds of prompt, and knows nothing of texts without a prompt.`;

function conversationHint(messages: readonly { readonly role?: unknown; readonly content?: unknown }[]) {
  if (messages.some((message) => message?.role === "system")) {
    return `${model} prompts without a system message.`;
  }
  if (messages.length > 1)
    return `${model} single prompts, not on conversations: in a chat, /reset comes before each new prompt.`;
  const content = messages[0]?.content;
  return typeof content === "string" ? promptHint(content) : undefined;
}

function promptHint(prompt: string): string | undefined {
  if (kindOf(prompt)) return undefined;
  if (kindOf(prompt.trim())) return `${model} prompts without white space around them.`;
  const like = promptKinds.find(({ start }) => start.test(prompt));
  if (like) return `${model} other prompts of this kind, like "${like.example}": ${like.limits}.`;
  const examples = promptKinds.map(({ example }) => `  ${example}`);
  const rest = "--model takes another model.";
  return [
    `${model} ${promptKinds.length} kinds of prompt, and this is none of them:`,
    ...examples,
    rest,
  ].join("\n");
}

/** Says each hint once, on standard error. */
export class EmbeddedHints {
  readonly #io: Io;
  readonly #isEmbedded: boolean;
  readonly #said = new Set<string>();

  /** @param options of a command: without `model` the embedded model answers */
  constructor(io: Io, { model }: { readonly model?: string }) {
    this.#io = io;
    this.#isEmbedded = model === undefined;
  }

  /** A hint for a request that is about to be answered. */
  async before(request: GenerateRequest): Promise<void> {
    const hint = this.#isEmbedded ? hintFor(request) : undefined;
    if (hint === undefined || this.#said.has(hint)) return;
    this.#said.add(hint);
    await note(this.#io, hint);
  }

  /** How many of the requests there is a hint for, and that of the first. */
  async beforeAll(requests: readonly GenerateRequest[]): Promise<void> {
    const hints = this.#isEmbedded ? requests.flatMap((request) => hintFor(request) ?? []) : [];
    if (hints.length === 0) return;
    const count = `${hints.length} of ${requests.length} prompts are`;
    await note(
      this.#io,
      `${count} outside of what the embedded model was trained on. The first: ${hints[0]}`,
    );
  }
}
