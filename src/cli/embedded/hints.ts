/** Hints for prompts that the embedded model was not trained on. */
import type { GenerateRequest } from "../../core/index.ts";
import type { Io } from "../io.ts";
import { note } from "../statusLine.ts";
import { followUp, kindOf, maxTurns, promptKinds, systemMessages } from "./promptKinds.ts";

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
  const [first] = messages;
  const hasSystem = first?.role === "system";
  if (hasSystem && !systemMessages.some((known) => known === first.content)) {
    return `${model} prompts without a system message, or with one of "${systemMessages.join('", "')}".`;
  }
  const turns = messages.filter(({ role }) => role === "user");
  if (turns.length > maxTurns)
    return `${model} conversations of one or two turns: in a chat, /reset starts a new one.`;
  const [before, last] = turns.length === maxTurns ? turns : [undefined, turns[0]];
  const content = last?.content;
  if (typeof content !== "string" || isFollowUp(before?.content, content)) return undefined;
  return promptHint(content);
}

function isFollowUp(before: unknown, content: string): boolean {
  return typeof before === "string" && (kindOf(before)?.isList ?? false) && followUp.test(content);
}

function promptHint(prompt: string): string | undefined {
  if (kindOf(prompt)) return undefined;
  if (kindOf(prompt.trim())) return `${model} prompts without white space around them.`;
  if (followUp.test(prompt)) return `${model} "${prompt}" after an answer that is a list.`;
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
