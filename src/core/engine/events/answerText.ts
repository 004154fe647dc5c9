/** The text of one answer as its tokens become final, cut at the first stop token or string. */
import { Detokenizer, findStopToken, StopStringFilter, type Tokenizer } from "../../text/index.ts";

/** Who is told of the text as it grows: each gets all of it. */
type Listener = "block" | "progress";

export class AnswerText {
  readonly #detokenizer: Detokenizer;
  readonly #filter: StopStringFilter;
  readonly #stopTokens: ReadonlySet<number>;
  /** Tokens taken so far. */
  #taken = 0;
  #stopped = false;
  #whole = "";
  /** Characters that each listener has got. */
  readonly #told: Record<Listener, number> = { block: 0, progress: 0 };
  /** Characters of the tokens before each one, by what was final when it came. */
  readonly #starts: number[] = [];
  #length = 0;
  #ended = false;

  /** @throws DiffusionError `invalid-request` for an empty stop string */
  constructor(tokenizer: Tokenizer, stops: readonly string[], stopTokens: readonly number[]) {
    this.#detokenizer = new Detokenizer(tokenizer);
    this.#filter = new StopStringFilter(stops);
    this.#stopTokens = new Set(stopTokens);
  }

  /** Whether the text of all generated tokens so far holds a stop string. */
  stopsIn(generated: readonly number[]): boolean {
    this.#take(generated);
    return this.#stopped;
  }

  /** What the generated tokens so far add to what the listener got before; `final` if no more will come. */
  grow(listener: Listener, generated: readonly number[], final: boolean): string {
    this.#take(generated);
    if (final && !this.#stopped && !this.#ended) {
      this.#ended = true;
      this.#push(this.#detokenizer.finish());
      if (!this.#stopped) this.#whole += this.#filter.finish().text;
    }
    const text = this.#whole.slice(this.#told[listener]);
    this.#told[listener] = this.#whole.length;
    return text;
  }

  get whole(): string {
    return this.#whole;
  }

  /** How many tokens the text so far is made of: those that begin before its end, in which a stop string may begin. */
  get tokenCount(): number {
    if (this.#ended && !this.#stopped) return this.#starts.length;
    const first = this.#starts.findIndex((start) => start >= this.#whole.length);
    return first < 0 ? this.#starts.length : first;
  }

  #take(generated: readonly number[]): void {
    if (this.#stopped) return;
    const end = findStopToken(generated, this.#stopTokens, { start: this.#taken }) ?? generated.length;
    for (const token of generated.slice(this.#taken, end)) {
      if (this.#stopped) break;
      this.#starts.push(this.#length);
      this.#push(this.#detokenizer.push([token]));
    }
    this.#taken = generated.length;
  }

  #push(text: string): void {
    this.#length += text.length;
    const filtered = this.#filter.push(text);
    this.#whole += filtered.text;
    if (filtered.stopped !== undefined) this.#stopped = true;
  }
}
