/** A choice of an answer, once it is complete. */
import type { DoneEvent } from "../../core/index.ts";
import type { ToldToken } from "../generation/answerTokens.ts";
import type { ChoicePart } from "../generation/follow.ts";

export interface FinishedChoice {
  readonly index: number;
  /** With what was echoed before it. */
  readonly text: string;
  readonly tokens: readonly ToldToken[];
  readonly steps: readonly (number | null)[];
  readonly done: DoneEvent;
}

/** Puts the parts of choices together. */
export class Choices {
  readonly #texts = new Map<number, string>();
  readonly #tokens = new Map<number, readonly ToldToken[]>();
  readonly #finished: FinishedChoice[] = [];

  /** The choice that the part completed. */
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

  /** By index. */
  get finished(): readonly FinishedChoice[] {
    return this.#finished.toSorted((a, b) => a.index - b.index);
  }
}
