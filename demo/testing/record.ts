/** Recordings of events written by hand. */
import type { GenerateEvent } from "../../src/core/index.ts";
import { Recording } from "../run/index.ts";
import { maskToken, startOf, stepOf, stopToken, texts } from "./events.ts";

export function record(events: readonly GenerateEvent[]): Recording {
  const recording = new Recording({ stopTokens: [stopToken] });
  for (const event of events) recording.add(event);
  recording.nameTokens([...texts.keys()], texts);
  return recording;
}

/** A prompt and an answer of these tokens, committed in one step. */
export function answerOf(tokens: readonly number[]): Recording {
  const commits = tokens.map((token, index) => [index + 1, token, 0.9] as const);
  return record([startOf([2, ...tokens.map(() => maskToken)], 1), stepOf({ commits })]);
}
