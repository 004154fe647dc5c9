/** The response format of an endpoint. The rest of a response is the same for all endpoints that generate. */
import type { TokenWithLogprobs } from "../generation/answerTokens.ts";
import type { FinishedChoice } from "./choice.ts";

export interface AnswerFormat {
  /** Prefix of the response's `id`. */
  readonly idPrefix: string;
  /** The field `object` of a response that is no stream. */
  readonly object: string;
  /** The field `object` of a stream's chunks. */
  readonly chunkObject: string;
  /** A complete choice, for a response that is no stream. */
  whole(choice: FinishedChoice): object;
  /** The first chunk of a choice; undefined if the format has none. */
  opening(index: number): object | undefined;
  delta(index: number, text: string, tokens: readonly TokenWithLogprobs[]): object;
  /** The last chunk of a choice. */
  closing(choice: FinishedChoice): object;
}

/** The UTF-8 bytes of a token's text. A token with a part of a character has a text of bytes such as `<0xE4>`. */
export function bytesOf(text: string): readonly number[] {
  const parts = /^(?:<0x[0-9A-F]{2}>)+$/.test(text) ? text.match(/[0-9A-F]{2}(?=>)/g) : undefined;
  if (parts) return parts.map((hex) => Number.parseInt(hex, 16));
  return [...new TextEncoder().encode(text)];
}
