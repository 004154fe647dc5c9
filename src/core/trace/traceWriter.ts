/** The lines of a trace file, made while the events arrive. */
import type { GenerateEvent } from "../engine/events/events.ts";
import type { TraceHeader } from "./trace.ts";

/** The texts of tokens, in their order; undefined for a token of unknown text. */
export type NameTokens = (tokens: readonly number[]) => Promise<readonly (string | undefined)[]>;

/** One line of a trace file, with its line break. */
export function traceLine(entry: TraceHeader | GenerateEvent): string {
  return `${JSON.stringify(entry)}\n`;
}

/** Each event gets the texts of the tokens that no line before it has named. */
export class TraceWriter {
  readonly #header: TraceHeader;
  readonly #nameTokens: NameTokens | undefined;
  readonly #named = new Set<number>();
  #hasHeader = false;

  /** @param nameTokens as `EngineHandle.tokenTexts`; absent if the model has no tokenizer */
  constructor(header: TraceHeader, nameTokens?: NameTokens) {
    this.#header = header;
    this.#nameTokens = nameTokens;
  }

  /** The lines of the next event, each with its line break: before the first event, the header. */
  async lines(event: GenerateEvent): Promise<string> {
    const head = this.#hasHeader ? "" : traceLine(this.#header);
    this.#hasHeader = true;
    const tokenTexts = await this.#newTexts(event);
    return `${head}${JSON.stringify(tokenTexts ? { ...event, tokenTexts } : event)}\n`;
  }

  async #newTexts(event: GenerateEvent): Promise<Readonly<Record<number, string>> | undefined> {
    if (!this.#nameTokens) return undefined;
    if (event.type === "step" && event.texts) for (const token of event.tokens) this.#named.add(token);
    const tokens = [...new Set(tokensIn(event))].filter((token) => !this.#named.has(token));
    if (tokens.length === 0) return undefined;
    const texts = await this.#nameTokens(tokens);
    for (const token of tokens) this.#named.add(token);
    const known = tokens.flatMap((token, index) => {
      const text = texts[index];
      return text === undefined ? [] : [[token, text] as const];
    });
    return known.length > 0 ? Object.fromEntries(known) : undefined;
  }
}

/** All tokens that an event shows, except those of undecided positions. */
function tokensIn(event: GenerateEvent): readonly number[] {
  switch (event.type) {
    case "start": {
      const undecided = new Set(event.undecided);
      return event.canvas.filter((_, position) => !undecided.has(position));
    }
    case "step": {
      const logprobs = [...(event.logprobs ?? []), ...(event.edits.logprobs ?? [])];
      const alternatives = logprobs.flatMap(({ top }) => top.map(({ token }) => token));
      return [...event.tokens, ...event.edits.tokens, ...(event.guesses?.tokens ?? []), ...alternatives];
    }
    case "block":
      return event.tokens;
    case "done":
      return event.canvas;
    default:
      return [];
  }
}
