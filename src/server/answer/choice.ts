/** Collects the parts of choices into complete choices. */
import type { DoneEvent } from "../../core/index.ts";
import type { TokenWithLogprobs } from "../generation/answerTokens.ts";
import type { ChoicePart } from "../generation/streamChoice.ts";

export interface FinishedChoice {
  readonly index: number;
  /** The generated text, after the echoed prompt if there is one. */
  readonly text: string;
  readonly tokens: readonly TokenWithLogprobs[];
  readonly steps: readonly (number | null)[];
  readonly done: DoneEvent;
}

/** The choices of one response, while their parts arrive. */
export class Choices {
  readonly #texts = new Map<number, string>();
  readonly #tokens = new Map<number, readonly TokenWithLogprobs[]>();
  readonly #finished: FinishedChoice[] = [];

  /** Adds a part. Returns its choice if the part completes it. */
  take(part: ChoicePart): FinishedChoice | undefined {
    const { index } = part;
    const text = this.#texts.get(index) ?? "";
    const tokens = this.#tokens.get(index) ?? [];
    if (part.type === "delta") {
      this.#texts.set(index, text + part.text);
      this.#tokens.set(index, [...tokens, ...part.tokens]);
    }
    if (part.type !== "done") return undefined;
    const { done, steps } = part;
    const finished = { index, text, tokens, steps, done };
    this.#finished.push(finished);
    return finished;
  }

  /** The complete choices in the order of their index. */
  get finished(): readonly FinishedChoice[] {
    return this.#finished.toSorted((a, b) => a.index - b.index);
  }
}
