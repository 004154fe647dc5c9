/** Format of completions with a suffix: the text of the one hole between prompt and suffix. */
import { findStopString } from "../../core/text/index.ts";
import type { FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";

/** @param stop stop strings, which cut the text here as the engine applies none to holes */
export function suffixFormat(stop: readonly string[]): AnswerFormat {
  const whole = ({ index, done }: FinishedChoice) => {
    const hole = done.holes![0]!;
    const filled = hole.text ?? "";
    const match = findStopString(filled, stop);
    const text = match ? filled.slice(0, match.start) : filled;
    const full = hole.tokens.length === hole.end - hole.start;
    const cut = !match && (full || done.reason === "length");
    return { index, text, logprobs: null, finish_reason: cut ? "length" : "stop" };
  };
  return {
    idPrefix: "cmpl",
    object: "text_completion",
    chunkObject: "text_completion",
    whole,
    opening: () => undefined,
    delta: (index, text) => ({ index, text, logprobs: null, finish_reason: null }),
    closing: whole,
  };
}
