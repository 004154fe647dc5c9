/** What a text to encode is made of. */

/**
 * What the text of a special token, such as `<|mask|>`, means in a text to encode:
 * - "parse": the token, as in what a chat template writes
 * - "plain": its characters, as in what a user writes
 * - "refuse": an error
 */
export type SpecialText = "parse" | "plain" | "refuse";

/** A part of a text that is encoded as one. */
export interface TextPart {
  readonly text: string;
  readonly special: SpecialText;
  /** How errors name it; positions in them then count from its start. */
  readonly name?: string;
}
