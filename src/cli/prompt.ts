/** Where a prompt or a template comes from: the arguments, standard input, or an example of what the model does. */
import { decodeUtf8 } from "../core/decodeUtf8.ts";
import { DiffusionError } from "../core/error.ts";
import type { Io } from "./io.ts";
import { note } from "./statusLine.ts";
import { readStdin } from "./stdin.ts";

/** The embedded model answers it right. */
export const examplePrompt = "tom has 12 apples, gets 5 more and gives away 3. how many apples?";

export interface PromptSource {
  /** Where the example stands in for a prompt that is not given: at a terminal, or wherever standard input is empty. */
  readonly example: "nowhere" | "at-terminal" | "anywhere";
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
    const optional = example === "anywhere" && !isNamed;
    const text = await readStdinText(io, { signal, what: "the prompt", optional });
    if (text.trim() !== "") return text;
    if (!optional) throw noPrompt("standard input holds no prompt");
  } else if (example === "nowhere") throw noPrompt("there is no prompt");
  await note(io, `> ${examplePrompt}`);
  return examplePrompt;
}

/**
 * The template as it stands, or standard input where it is `-`.
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
  const message = `Cannot generate as ${why}: give one as an argument or on standard input`;
  return new DiffusionError("invalid-request", message);
}

/** Standard input without the line break at its end. */
async function readStdinText(io: Io, options: Parameters<typeof readStdin>[1]): Promise<string> {
  const bytes = await readStdin(io, options);
  return decodeUtf8(bytes, "standard input").replace(/\r?\n$/, "");
}
