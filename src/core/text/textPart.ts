/**
 * How the text of a special token, such as `<|mask|>`, is encoded:
 * - "parse": as the token, for the text of a chat template
 * - "plain": as plain characters, for the text of a user
 * - "refuse": not at all; it is an error
 */
export type SpecialText = "parse" | "plain" | "refuse";

/** A part of a text. All parts are encoded together as one text. */
export interface TextPart {
  readonly text: string;
  readonly special: SpecialText;
  /** The part, as errors name it. Positions in errors then count from its start. */
  readonly name?: string;
}
