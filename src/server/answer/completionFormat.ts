import type { TokenWithLogprobs } from "../generation/answerTokens.ts";
import type { FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";

/** The length of a choice's text before the next delta, by the choice's index. */
type Offsets = Map<number, number>;

/** @param logprobs whether the request wants log-probabilities */
export function completionFormat(logprobs: boolean): AnswerFormat {
  const offsets: Offsets = new Map();
  const logprobsOf = (tokens: readonly TokenWithLogprobs[], offset: number) =>
    logprobs ? logprobsBody(tokens, offset) : null;
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
    whole: ({ index, text, tokens, done }: FinishedChoice) =>
      body(index, text, logprobsOf(tokens, 0), done.reason),
    opening: () => undefined,
    delta: (index, text, tokens) => {
      const offset = offsets.get(index) ?? 0;
      offsets.set(index, offset + text.length);
      return body(index, text, logprobsOf(tokens, offset), null);
    },
    closing: ({ index, done }) => body(index, "", null, done.reason),
  };
}

/** @param offset where the first token begins in the text of its choice */
function logprobsBody(tokens: readonly TokenWithLogprobs[], offset: number): object {
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
