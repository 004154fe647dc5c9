/** One choice of a response: converts the events of its generation to parts of the response. */
import type { DoneEvent, EngineHandle, GenerateRequest, StepEvent } from "../../core/index.ts";
import { AnswerTokens, type TokenWithLogprobs, tokensWithLogprobs } from "./answerTokens.ts";

export interface ChoiceRequest {
  readonly index: number;
  readonly request: GenerateRequest;
  /** Text that precedes the answer: the prompt, with the field `echo`. */
  readonly echo: string;
}

/** The commits, edits and revoked positions of a decode step, and the guesses at what stays undecided. Positions are relative to the answer. */
export interface StepReport {
  readonly step: number;
  readonly positions: readonly number[];
  readonly tokens: readonly number[];
  readonly texts: readonly string[];
  readonly confidences: readonly number[];
  readonly edits: {
    readonly positions: readonly number[];
    readonly tokens: readonly number[];
    readonly texts: readonly string[];
    readonly confidences: readonly number[];
  };
  /** Positions that are undecided again; absent if there are none. */
  readonly revoked?: readonly number[];
  /** The best guesses at the positions that stay undecided; absent unless the request asks for them. */
  readonly guesses?: StepReport["edits"];
}

export type ChoicePart = { readonly index: number } & (
  | { readonly type: "start" }
  | { readonly type: "step"; readonly report: StepReport }
  | { readonly type: "delta"; readonly text: string; readonly tokens: readonly TokenWithLogprobs[] }
  | {
      readonly type: "done";
      readonly done: DoneEvent;
      /** The decode step of each token of the answer; null for a token that no step committed. */
      readonly steps: readonly (number | null)[];
    }
);

export interface StreamChoiceOptions {
  readonly signal: AbortSignal;
  /** Whether the parts include decode steps. */
  readonly steps: boolean;
}

/** @throws DiffusionError */
export async function* streamChoice(
  handle: EngineHandle,
  { index, request, echo }: ChoiceRequest,
  { signal, steps }: StreamChoiceOptions,
): AsyncGenerator<ChoicePart, void, undefined> {
  let start = 0;
  let tokens = new AnswerTokens(0);
  let sentTokens = 0;
  let textLength = 0;
  for await (const event of handle.generate(request, { signal })) {
    if (event.type === "start") {
      start = event.promptTokens;
      tokens = new AnswerTokens(start);
      yield { type: "start", index };
      if (echo !== "") yield { type: "delta", index, text: echo, tokens: [] };
    } else if (event.type === "step") {
      tokens.take(event);
      if (steps && event.positions.length + event.edits.positions.length + (event.revoked?.length ?? 0) > 0)
        yield { type: "step", index, report: await reportOf(handle, event, start) };
    } else if (event.type === "progress" && event.text !== undefined) {
      const finalizedTokens = event.finalizedTokens ?? sentTokens;
      if (event.text === "" && finalizedTokens === sentTokens) continue;
      yield {
        type: "delta",
        index,
        text: event.text,
        tokens: await tokensWithLogprobs(handle, tokens.range(sentTokens, finalizedTokens)),
      };
      sentTokens = finalizedTokens;
      textLength += event.text.length;
    } else if (event.type === "done") {
      // Text that no step committed: the draft, if no token of it was revised.
      const rest = event.holes ? "" : (event.text ?? "").slice(textLength);
      if (rest !== "") yield { type: "delta", index, text: rest, tokens: [] };
      const decided = tokens.range(0, event.tokens.length).map((each) => each?.step ?? null);
      yield { type: "done", index, done: event, steps: decided };
    }
  }
}

async function reportOf(handle: EngineHandle, event: StepEvent, start: number): Promise<StepReport> {
  const { step, texts, edits, revoked, guesses } = event;
  const reported = async (
    { positions, tokens, confidences }: StepEvent["edits"],
    texts?: readonly string[],
  ) => ({
    positions: positions.map((position) => position - start),
    tokens,
    texts: texts ?? (tokens.length === 0 ? [] : await handle.tokenTexts(tokens)),
    confidences,
  });
  return {
    step,
    ...(await reported(event, texts)),
    edits: await reported(edits),
    ...(revoked && { revoked: revoked.map((position) => position - start) }),
    ...(guesses && { guesses: await reported(guesses) }),
  };
}
