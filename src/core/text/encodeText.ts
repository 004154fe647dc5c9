import { runInSlices } from "../pausing.ts";
import type { SpecialText } from "./textPart.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface EncodeTextOptions {
  /** Default: "plain". */
  readonly special?: SpecialText;
  /** The text, as errors name it. Default: "the text". */
  readonly what?: string;
  /** The maximum number of tokens; reading stops there. Default: no limit. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * As `Tokenizer.encode`, but a long text is encoded in slices of a few milliseconds, between which the event loop runs.
 * @throws DiffusionError `text` as in `Tokenizer.encode`; `context-exceeded` if the text has more than `maxTokens` tokens,
 *   immediately if its length alone shows it; `aborted`
 */
export function encodeText(
  tokenizer: Tokenizer,
  text: string,
  { special = "plain", what = "the text", maxTokens = Infinity, signal }: EncodeTextOptions = {},
): Promise<number[]> {
  const encoding = tokenizer.encodePausing([{ text, special }], { what, maxTokens });
  return runInSlices(encoding, { signal, what: `encode ${what}` });
}
