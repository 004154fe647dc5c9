import { inSlices } from "../pausing.ts";
import type { SpecialText } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface EncodeTextOptions {
  /** Default: "plain". */
  readonly special?: SpecialText;
  /** How errors name the text. Default: "the text". */
  readonly what?: string;
  /** The most tokens that it may have: no more of the text is read than that takes. Default: any number. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tokens of a text, as `Tokenizer.encode` gives them, without holding the thread: a long text is encoded in slices of a
 * few milliseconds.
 * @throws DiffusionError `text` as in `Tokenizer.encode`; `context-exceeded` if the text has more than `maxTokens` tokens,
 *   before anything of it is read where its length says so; `aborted`
 */
export function encodeText(
  tokenizer: Tokenizer,
  text: string,
  { special = "plain", what = "the text", maxTokens = Infinity, signal }: EncodeTextOptions = {},
): Promise<number[]> {
  const encoding = tokenizer.encoding([{ text, special }], { what, maxTokens });
  return inSlices(encoding, { signal, what: `encode ${what}` });
}
