/** The text of one answer as its tokens become final, block by block, cut at the first stop token or string. */
import { Detokenizer, findStopToken, StopStringFilter, type Tokenizer } from "../text/index.ts";

export class AnswerText {
  readonly #detokenizer: Detokenizer;
  readonly #filter: StopStringFilter;
  readonly #stopTokens: ReadonlySet<number>;
  /** Tokens taken so far. */
  #taken = 0;
  #stopped = false;
  #whole = "";
  /** Characters that `grow` has returned. */
  #returned = 0;

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

  /** What the generated tokens so far add to what was returned before; `final` if no more will come. */
  grow(generated: readonly number[], final: boolean): string {
    this.#take(generated);
    if (final && !this.#stopped) {
      this.#push(this.#detokenizer.finish());
      if (!this.#stopped) this.#whole += this.#filter.finish().text;
    }
    const text = this.#whole.slice(this.#returned);
    this.#returned = this.#whole.length;
    return text;
  }

  get whole(): string {
    return this.#whole;
  }

  #take(generated: readonly number[]): void {
    if (this.#stopped) return;
    const end = findStopToken(generated, this.#stopTokens, { start: this.#taken }) ?? generated.length;
    this.#push(this.#detokenizer.push(generated.slice(this.#taken, end)));
    this.#taken = generated.length;
  }

  #push(text: string): void {
    const filtered = this.#filter.push(text);
    this.#whole += filtered.text;
    if (filtered.stopped !== undefined) this.#stopped = true;
  }
}
