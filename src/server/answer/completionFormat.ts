import type { ToldToken } from "../generation/answerTokens.ts";
import type { FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";

/** The texts of a choice before a delta, by index: where its tokens begin. */
type Offsets = Map<number, number>;

/** @param logprobs whether they were asked for */
export function completionFormat(logprobs: boolean): AnswerFormat {
  const offsets: Offsets = new Map();
  const told = (tokens: readonly ToldToken[], offset: number) => (logprobs ? listed(tokens, offset) : null);
  const body = (index: number, text: string, probabilities: object | null, finishReason: string | null) => ({
    index,
    text,
    logprobs: probabilities,
    finish_reason: finishReason,
  });
  return {
    idPrefix: "cmpl",
    object: "text_completion",
    chunkObject: "text_completion",
    whole: ({ index, text, tokens, done }: FinishedChoice) => body(index, text, told(tokens, 0), done.reason),
    opening: () => undefined,
    delta: (index, text, tokens) => {
      const offset = offsets.get(index) ?? 0;
      offsets.set(index, offset + text.length);
      return body(index, text, told(tokens, offset), null);
    },
    closing: ({ index, done }) => body(index, "", null, done.reason),
  };
}

function listed(tokens: readonly ToldToken[], offset: number): object {
  let at = offset;
  const offsets = tokens.map(({ text }) => {
    const start = at;
    at += text.length;
    return start;
  });
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ text, logprob }) => [text, logprob])),
    ),
    text_offset: offsets,
  };
}
