/** Where a prompt comes from: the arguments, standard input, or a default that shows what the model does. */
import { DiffusionError } from "../core/error.ts";
import type { Io } from "./io.ts";
import { note } from "./statusLine.ts";
import { readStdin } from "./stdin.ts";

/** The embedded model answers it right. */
export const defaultPrompt = "tom has 12 apples, gets 5 more and gives away 3. how many apples?";

/** How long the embedded model waits for a pipe that nobody writes to, before it takes the default prompt. */
const patienceMs = 3000;

export interface PromptOptions {
  /** Whether there is a default. */
  readonly embedded: boolean;
  readonly signal: AbortSignal;
}

/** @throws DiffusionError `invalid-request` if there is none, `text` if standard input is not UTF-8 */
export async function readPrompt(
  io: Io,
  words: readonly string[],
  { embedded, signal }: PromptOptions,
): Promise<string> {
  const stdin = words.length === 1 && words[0] === "-";
  if (words.length > 0 && !stdin) return requireText(words.join(" "));
  if (stdin || !io.stdin.isTTY) {
    const bytes = await readStdin(io, {
      firstWithinMs: embedded && !stdin ? patienceMs : undefined,
      ...{ signal, what: "the prompt" },
    });
    const text = decode(bytes);
    if (text.trim() !== "") return text.replace(/\r?\n$/, "");
  }
  if (!embedded || stdin) {
    const message = "Cannot generate as there is no prompt: give it as an argument or on standard input";
    throw new DiffusionError("invalid-request", message);
  }
  await note(io, `> ${defaultPrompt}`);
  return defaultPrompt;
}

function requireText(text: string): string {
  if (text.trim() !== "") return text;
  throw new DiffusionError("invalid-request", "Cannot generate as the prompt is empty");
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DiffusionError("text", "Cannot read the prompt as standard input is not valid UTF-8", {
      cause,
    });
  }
}
