/** One choice as it comes: what the engine's events are to those who wait for an answer. */
import type { DoneEvent, EngineHandle, GenerateRequest, StepEvent } from "../../core/index.ts";
import { AnswerTokens, type ToldToken, toldTokens } from "./answerTokens.ts";

export interface ChoiceRequest {
  readonly index: number;
  readonly request: GenerateRequest;
  /** Told before the answer. */
  readonly echo: string;
}

/** What happened in a decode step; positions are relative to the answer. */
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
}

export type ChoicePart = { readonly index: number } & (
  | { readonly type: "start" }
  | { readonly type: "step"; readonly report: StepReport }
  | { readonly type: "delta"; readonly text: string; readonly tokens: readonly ToldToken[] }
  | {
      readonly type: "done";
      readonly done: DoneEvent;
      /** The decode step of each of the answer's tokens; null where it was there from the start. */
      readonly steps: readonly (number | null)[];
    }
);

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** Whether steps are told. */
  readonly steps: boolean;
}

/** @throws DiffusionError */
export async function* follow(
  handle: EngineHandle,
  { index, request, echo }: ChoiceRequest,
  { signal, steps }: FollowOptions,
): AsyncGenerator<ChoicePart, void, undefined> {
  let start = 0;
  let tokens = new AnswerTokens(0);
  let told = 0;
  let textLength = 0;
  for await (const event of handle.generate(request, { signal })) {
    if (event.type === "start") {
      start = event.promptTokens;
      tokens = new AnswerTokens(start);
      yield { type: "start", index };
      if (echo !== "") yield { type: "delta", index, text: echo, tokens: [] };
    } else if (event.type === "step") {
      tokens.take(event);
      if (steps && event.positions.length + event.edits.positions.length > 0)
        yield { type: "step", index, report: await reportOf(handle, event, start) };
    } else if (event.type === "progress" && event.text !== undefined) {
      const settled = event.finalizedTokens ?? told;
      if (event.text === "" && settled === told) continue;
      yield {
        type: "delta",
        index,
        text: event.text,
        tokens: await toldTokens(handle, tokens.range(told, settled)),
      };
      told = settled;
      textLength += event.text.length;
    } else if (event.type === "done") {
      // What no step decided: a draft of which nothing was left to do.
      const rest = event.holes ? "" : (event.text ?? "").slice(textLength);
      if (rest !== "") yield { type: "delta", index, text: rest, tokens: [] };
      const decided = tokens.range(0, event.tokens.length).map((each) => each?.step ?? null);
      yield { type: "done", index, done: event, steps: decided };
    }
  }
}

async function reportOf(handle: EngineHandle, event: StepEvent, start: number): Promise<StepReport> {
  const { step, positions, tokens, texts, confidences, edits } = event;
  const relative = (all: readonly number[]) => all.map((position) => position - start);
  return {
    step,
    positions: relative(positions),
    tokens,
    texts: texts ?? (await handle.tokenTexts(tokens)),
    confidences,
    edits: {
      positions: relative(edits.positions),
      tokens: edits.tokens,
      texts: edits.tokens.length === 0 ? [] : await handle.tokenTexts(edits.tokens),
      confidences: edits.confidences,
    },
  };
}
