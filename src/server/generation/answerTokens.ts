/** The tokens of an answer as steps commit them: when, how sure, and how probable. */
import type { EngineHandle, StepEvent, TokenLogprobs } from "../../core/index.ts";

export interface AnswerToken {
  readonly token: number;
  /** The decode step in which it got its place. */
  readonly step: number;
  readonly logprob?: TokenLogprobs | undefined;
}

export interface Alternative {
  readonly text: string;
  readonly logprob: number;
}
/** A token with the texts that log-probabilities are told with. */
export interface ToldToken extends Alternative {
  readonly top: readonly Alternative[];
}

export class AnswerTokens {
  readonly #start: number;
  readonly #tokens: (AnswerToken | undefined)[] = [];

  /** @param start the answer's first position */
  constructor(start: number) {
    this.#start = start;
  }

  take(event: StepEvent): void {
    for (const { positions, tokens, logprobs } of [event, event.edits]) {
      positions.forEach((position, index) => {
        const token = tokens[index]!;
        this.#tokens[position - this.#start] = { token, step: event.step, logprob: logprobs?.[index] };
      });
    }
  }

  /** Those of the answer from one offset to another; undefined where it was there from the start. */
  range(from: number, to: number): readonly (AnswerToken | undefined)[] {
    return Array.from({ length: to - from }, (_, offset) => this.#tokens[from + offset]);
  }
}

/** Tokens of which the core told log-probabilities, with all their texts. */
export async function toldTokens(
  handle: EngineHandle,
  tokens: readonly (AnswerToken | undefined)[],
): Promise<readonly ToldToken[]> {
  const known = tokens.flatMap((each) => (each?.logprob ? [{ ...each, logprob: each.logprob }] : []));
  const ids = known.flatMap(({ token, logprob }) => [token, ...logprob.top.map((each) => each.token)]);
  const texts = await handle.tokenTexts(ids);
  let next = 0;
  return known.map(({ logprob: { logprob, top } }) => ({
    text: texts[next++]!,
    logprob,
    top: top.map((each) => ({ text: texts[next++]!, logprob: each.logprob })),
  }));
}
