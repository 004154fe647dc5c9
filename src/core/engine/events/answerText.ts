/** The text of an answer while tokens are added, up to the first stop string. */
import { Detokenizer, StopStringFilter, type Tokenizer } from "../../text/index.ts";

/** The types of events with text. Each type reports the whole text, independently of the other. */
type TextEvent = "block" | "progress";

export class AnswerText {
  readonly #detokenizer: Detokenizer;
  readonly #filter: StopStringFilter;
  #stopped = false;
  #ended = false;
  /** The text so far, without a suffix that may be the start of a stop string. */
  #whole = "";
  /** The number of characters that each type of event has reported. */
  readonly #reported: Record<TextEvent, number> = { block: 0, progress: 0 };
  /** The number of characters before each token. */
  readonly #starts: number[] = [];
  #length = 0;

  /** @throws DiffusionError `invalid-request` for an empty stop string */
  constructor(tokenizer: Tokenizer, stopStrings: readonly string[]) {
    this.#detokenizer = new Detokenizer(tokenizer);
    this.#filter = new StopStringFilter(stopStrings);
  }

  /** Adds the next tokens of the answer. Tokens after a stop string are ignored. */
  add(tokens: readonly number[]): void {
    for (const token of tokens) {
      if (this.#stopped) return;
      this.#starts.push(this.#length);
      this.#push(this.#detokenizer.push([token]));
    }
  }

  /** Ends the text. No tokens may be added after this. */
  end(): void {
    if (this.#stopped || this.#ended) return;
    this.#ended = true;
    this.#push(this.#detokenizer.finish());
    if (!this.#stopped) this.#whole += this.#filter.finish().text;
  }

  /** Returns the text that events of this type have not reported yet, and marks it as reported. */
  takeUnreported(event: TextEvent): string {
    const text = this.#whole.slice(this.#reported[event]);
    this.#reported[event] = this.#whole.length;
    return text;
  }

  /** Whether the tokens so far contain a stop string. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get whole(): string {
    return this.#whole;
  }

  /** The number of tokens that start before the end of the text. A stop string may start inside the last of them. */
  get tokenCount(): number {
    if (this.#ended && !this.#stopped) return this.#starts.length;
    const first = this.#starts.findIndex((start) => start >= this.#whole.length);
    return first < 0 ? this.#starts.length : first;
  }

  #push(text: string): void {
    this.#length += text.length;
    const filtered = this.#filter.push(text);
    this.#whole += filtered.text;
    if (filtered.stopped !== undefined) this.#stopped = true;
  }
}
