import type { TokenWithLogprobs } from "../generation/answerTokens.ts";
import { type AnswerFormat, bytesOf } from "./format.ts";

/** @param logprobs whether the request wants log-probabilities */
export function chatFormat(logprobs: boolean): AnswerFormat {
  const logprobsOf = (tokens: readonly TokenWithLogprobs[]) =>
    logprobs ? { content: tokens.map(tokenBody), refusal: null } : null;
  return {
    idPrefix: "chatcmpl",
    object: "chat.completion",
    chunkObject: "chat.completion.chunk",
    whole: ({ index, text, tokens, done }) => ({
      index,
      message: { role: "assistant", content: text, refusal: null },
      logprobs: logprobsOf(tokens),
      finish_reason: done.reason,
    }),
    opening: (index) => chunk(index, { role: "assistant", content: "" }, null, null),
    delta: (index, text, tokens) => chunk(index, { content: text }, logprobsOf(tokens), null),
    closing: ({ index, done }) => chunk(index, {}, null, done.reason),
  };
}

function chunk(index: number, delta: object, logprobs: object | null, finishReason: string | null): object {
  return { index, delta, logprobs, finish_reason: finishReason };
}

function tokenBody({ text, logprob, top }: TokenWithLogprobs): object {
  const body = (each: { readonly text: string; readonly logprob: number }) => ({
    token: each.text,
    logprob: each.logprob,
    bytes: bytesOf(each.text),
  });
  return { ...body({ text, logprob }), top_logprobs: top.map(body) };
}
