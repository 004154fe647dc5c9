/** Reads a prompt or a template from the arguments or standard input, or falls back to an example prompt. */
import { decodeUtf8 } from "../core/decodeUtf8.ts";
import { DiffusionError } from "../core/error.ts";
import type { Io } from "./io.ts";
import { note } from "./statusLine.ts";
import { readStdin } from "./stdin.ts";

/** A prompt that the embedded model answers correctly. */
export const examplePrompt = "tom has 12 apples, gets 5 more and gives away 3. how many apples?";

export interface PromptSource {
  /** When the example replaces a missing prompt: never, only at a terminal, or also for empty standard input. */
  readonly example: "never" | "at-terminal" | "always";
  readonly signal: AbortSignal;
}

/** @throws DiffusionError `invalid-request` if there is no prompt, `invalid-file` if it is not UTF-8, `io` */
export async function readPrompt(
  io: Io,
  words: readonly string[],
  { example, signal }: PromptSource,
): Promise<string> {
  const isNamed = words.length === 1 && words[0] === "-";
  if (words.length > 0 && !isNamed) return requireText(words.join(" "), "generate", "the prompt");
  if (isNamed || !io.stdin.isTTY) {
    const optional = example === "always" && !isNamed;
    const text = await readStdinText(io, { signal, what: "the prompt", optional });
    if (text.trim() !== "") return text;
    if (!optional) throw noPrompt("standard input is empty");
  } else if (example === "never") throw noPrompt("no prompt was given");
  await note(io, `> ${examplePrompt}`);
  return examplePrompt;
}

/**
 * Returns the argument as the template, or standard input for `-`.
 * @throws DiffusionError `invalid-request` if it is empty, `invalid-file` if standard input is not UTF-8, `io`
 */
export async function readTemplateText(io: Io, argument: string, signal: AbortSignal): Promise<string> {
  const what = "the template";
  const text = argument === "-" ? await readStdinText(io, { signal, what }) : argument;
  return requireText(text, "infill", what);
}

/** @throws DiffusionError `invalid-request` if the text is empty */
export function requireText(text: string, verb: string, what: string): string {
  if (text.trim() !== "") return text;
  throw new DiffusionError("invalid-request", `Cannot ${verb} as ${what} is empty`);
}

function noPrompt(why: string): DiffusionError {
  const message = `Cannot generate as ${why}: pass a prompt as an argument or on standard input`;
  return new DiffusionError("invalid-request", message);
}

/** Standard input without the line break at the end. */
async function readStdinText(io: Io, options: Parameters<typeof readStdin>[1]): Promise<string> {
  const bytes = await readStdin(io, options);
  return decodeUtf8(bytes, "standard input").replace(/\r?\n$/, "");
}
