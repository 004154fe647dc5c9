/** Reads a request's draft: validates it and encodes its text. */
import { number, validate } from "../../declare/index.ts";
import { DiffusionError } from "../../error.ts";
import { encodeText, type Tokenizer } from "../../text/index.ts";
import type { ReadingLimits } from "./prompt.ts";
import { readTokens, requireObject } from "./readValues.ts";
import type { Draft } from "./request.ts";

export interface ReadDraft {
  readonly tokens: readonly number[];
  /** The fraction of the draft's tokens that is masked again: above 0, at most 1. */
  readonly remaskFraction: number;
}

const parameters = {
  remaskFraction: number({
    default: 0.5,
    minimum: 0,
    exclusiveMinimum: true,
    maximum: 1,
    help: "fraction of the draft's tokens that is masked again",
  }),
} as const;

/** @throws DiffusionError `invalid-request` */
export function readRemaskFraction(options: object): number {
  return validate("draft", parameters, { ...options }).remaskFraction;
}

/**
 * @throws DiffusionError `invalid-request` unless the draft has either text or tokens, and a valid `remaskFraction`; `text`;
 *   `context-exceeded` if the text has more than `maxTokens` tokens, `aborted`
 */
export async function readDraft(
  draft: Draft,
  tokenizer: Tokenizer | undefined,
  { maxTokens = Infinity, signal }: ReadingLimits = {},
): Promise<ReadDraft> {
  requireObject("draft", draft);
  const { text, tokens, ...rest } = draft;
  const remaskFraction = readRemaskFraction(rest);
  if ((text === undefined) === (tokens === undefined)) {
    throw new DiffusionError(
      "invalid-request",
      "Cannot start from the draft as it must have either 'text' or 'tokens'",
    );
  }
  if (text === undefined) return { tokens: readTokens("draft.tokens", tokens), remaskFraction };
  if (typeof text !== "string") {
    throw new DiffusionError("invalid-request", "Cannot start from the draft as 'text' must be a string");
  }
  if (!tokenizer)
    throw new DiffusionError("text", "Cannot encode the draft as the model has no tokenizer.json");
  return {
    tokens: await encodeText(tokenizer, text, { what: "the draft", maxTokens, signal }),
    remaskFraction,
  };
}
