/** How an endpoint writes its answers: everything else is the same for all of them. */
import type { ToldToken } from "../generation/answerTokens.ts";
import type { FinishedChoice } from "./choice.ts";

export interface AnswerFormat {
  /** Before the answer's id. */
  readonly idPrefix: string;
  /** The `object` of a whole answer, and of a chunk. */
  readonly object: string;
  readonly chunkObject: string;
  whole(choice: FinishedChoice): object;
  /** Opens a choice of a stream; undefined where nothing does. */
  opening(index: number): object | undefined;
  delta(index: number, text: string, tokens: readonly ToldToken[]): object;
  closing(choice: FinishedChoice): object;
}

/** Bytes of a token's text; a token that is a part of a character is shown as bytes like `<0xE4>`. */
export function bytesOf(text: string): readonly number[] {
  const parts = /^(?:<0x[0-9A-F]{2}>)+$/.test(text) ? text.match(/[0-9A-F]{2}(?=>)/g) : undefined;
  if (parts) return parts.map((hex) => Number.parseInt(hex, 16));
  return [...new TextEncoder().encode(text)];
}
