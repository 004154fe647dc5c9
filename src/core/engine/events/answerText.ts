/** The text of an answer as its tokens are added, cut at the first stop string. */
import { Detokenizer, StopStringFilter, type Tokenizer } from "../../text/index.ts";

/** The events that carry text. Each kind tells the whole text by itself. */
type Listener = "block" | "progress";

export class AnswerText {
  readonly #detokenizer: Detokenizer;
  readonly #filter: StopStringFilter;
  #stopped = false;
  #ended = false;
  /** Without what may be the beginning of a stop string. */
  #whole = "";
  /** Characters of the text that each kind of event has reported. */
  readonly #reported: Record<Listener, number> = { block: 0, progress: 0 };
  /** For each token, the number of characters before it. */
  readonly #starts: number[] = [];
  #length = 0;

  /** @throws DiffusionError `invalid-request` for an empty stop string */
  constructor(tokenizer: Tokenizer, stopStrings: readonly string[]) {
    this.#detokenizer = new Detokenizer(tokenizer);
    this.#filter = new StopStringFilter(stopStrings);
  }

  /** Adds the answer's next tokens; those behind a stop string are left out. */
  add(tokens: readonly number[]): void {
    for (const token of tokens) {
      if (this.#stopped) return;
      this.#starts.push(this.#length);
      this.#push(this.#detokenizer.push([token]));
    }
  }

  /** Ends the text: no token will be added. */
  end(): void {
    if (this.#stopped || this.#ended) return;
    this.#ended = true;
    this.#push(this.#detokenizer.finish());
    if (!this.#stopped) this.#whole += this.#filter.finish().text;
  }

  /** The text that this kind of event has not reported yet. */
  unreported(listener: Listener): string {
    const text = this.#whole.slice(this.#reported[listener]);
    this.#reported[listener] = this.#whole.length;
    return text;
  }

  /** Whether the tokens so far contain a stop string. */
  get stopped(): boolean {
    return this.#stopped;
  }

  get whole(): string {
    return this.#whole;
  }

  /** Tokens of the text so far: those that begin before its end. A stop string may begin in the last one. */
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
