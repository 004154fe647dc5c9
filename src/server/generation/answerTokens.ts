/** The tokens of an answer, with the decode step and the log-probability of each. */
import type { EngineHandle, StepEvent, TokenLogprobs } from "../../core/index.ts";

export interface AnswerToken {
  readonly token: number;
  /** The decode step that committed the token, or overwrote it last. */
  readonly step: number;
  readonly logprob?: TokenLogprobs | undefined;
}

export interface Alternative {
  readonly text: string;
  readonly logprob: number;
}
/** A token and its alternatives as texts with log-probabilities. */
export interface TokenWithLogprobs extends Alternative {
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
    for (const position of event.revoked ?? []) this.#tokens[position - this.#start] = undefined;
  }

  /** The tokens in a range of the answer's offsets; undefined for tokens that no step committed. */
  range(from: number, to: number): readonly (AnswerToken | undefined)[] {
    return Array.from({ length: to - from }, (_, offset) => this.#tokens[from + offset]);
  }
}

/** The tokens with log-probabilities, with the texts of the tokens and their alternatives. */
export async function tokensWithLogprobs(
  handle: EngineHandle,
  tokens: readonly (AnswerToken | undefined)[],
): Promise<readonly TokenWithLogprobs[]> {
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
