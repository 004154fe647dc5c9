/** The event of a step. */
import type { StepOutcome } from "../../diffusion/index.ts";
import type { Tokenizer } from "../../text/index.ts";
import type { StepEvent } from "./events.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** @param ms duration of the step's pass */
export function stepEvent(outcome: StepOutcome, ms: number, tokenizer: Tokenizer | undefined): StepEvent {
  const event: Writable<StepEvent> = {
    type: "step",
    step: outcome.step,
    window: outcome.window,
    block: outcome.block,
    refresh: outcome.refresh,
    prefill: outcome.prefill,
    openCount: outcome.openCount,
    positions: outcome.positions,
    tokens: outcome.tokens,
    confidences: outcome.confidences,
    edits: outcome.edits,
    ms,
  };
  // An object literal with spreads takes several times as long to make, and every row has an event a step.
  if (outcome.logprobs) event.logprobs = outcome.logprobs;
  if (outcome.revoked) event.revoked = outcome.revoked;
  if (outcome.guesses) event.guesses = outcome.guesses;
  if (tokenizer) event.texts = outcome.tokens.map((token) => tokenizer.tokenText(token));
  return event;
}
