import { DiffusionError, found } from "../error.ts";

/** The index of the first of `tokens` from `start` on, and before `end`, that is a stop token. */
export function findStopToken(
  tokens: ArrayLike<number>,
  stopTokens: ReadonlySet<number>,
  range: { readonly start?: number; readonly end?: number } = {},
): number | undefined {
  const end = Math.min(range.end ?? tokens.length, tokens.length);
  for (let i = Math.max(range.start ?? 0, 0); i < end; i++) if (stopTokens.has(tokens[i]!)) return i;
  return undefined;
}

export interface StopMatch {
  /** Where the stop string begins; the text before it is what remains. */
  readonly start: number;
  readonly stop: string;
}

function checkStops(stops: readonly string[]): void {
  for (const stop of stops) {
    if (typeof stop === "string" && stop !== "") continue;
    throw new DiffusionError(
      "invalid-request",
      `Cannot stop at a string as a stop string must not be empty: found ${found(stop)}`,
    );
  }
}

function firstMatch(text: string, stops: readonly string[]): StopMatch | undefined {
  let first: StopMatch | undefined;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const earlier = first === undefined || start < first.start;
    if (earlier || (start === first?.start && stop.length < first.stop.length)) first = { start, stop };
  }
  return first;
}

/**
 * The stop string that begins first in a text; of those that begin together, the shortest.
 * @throws DiffusionError `invalid-request` for an empty stop string
 */
export function findStopString(text: string, stops: readonly string[]): StopMatch | undefined {
  checkStops(stops);
  return firstMatch(text, stops);
}

export interface FilteredText {
  /** Text before any stop string. */
  readonly text: string;
  /** The stop string that ended the text. */
  readonly stopped?: string;
}

/**
 * Cuts a text that comes in pieces where `findStopString` would cut the whole. It holds back an end that may
 * be the beginning of a stop string, never more than the longest of them.
 */
export class StopStringFilter {
  readonly #stops: readonly string[];
  readonly #longest: number;
  #held = "";
  #stopped: string | undefined;

  /** @throws DiffusionError `invalid-request` for an empty stop string */
  constructor(stops: readonly string[]) {
    checkStops(stops);
    this.#stops = [...stops];
    this.#longest = Math.max(0, ...stops.map((stop) => stop.length));
  }

  /** Takes the next piece; returns the text that no stop string can begin in. After a stop there is none. */
  push(text: string): FilteredText {
    if (this.#stopped !== undefined) return { text: "", stopped: this.#stopped };
    this.#held += text;
    const match = firstMatch(this.#held, this.#stops);
    const open = this.#firstOpen();
    // a stop string that may have begun before a complete one comes first, if it goes on
    if (match !== undefined && match.start <= open) return this.#stop(match);
    return { text: this.#release(open) };
  }

  /** Ends the text and returns what was held back, up to a stop string in it. */
  finish(): FilteredText {
    if (this.#stopped !== undefined) return { text: "", stopped: this.#stopped };
    const match = firstMatch(this.#held, this.#stops);
    return match === undefined ? { text: this.#release(this.#held.length) } : this.#stop(match);
  }

  /** Where the first stop string begins that is cut off by the end of the held text; else that end. */
  #firstOpen(): number {
    const end = this.#held.length;
    for (let start = Math.max(0, end - this.#longest + 1); start < end; start++) {
      const rest = this.#held.slice(start);
      if (this.#stops.some((stop) => stop.length > rest.length && stop.startsWith(rest))) return start;
    }
    return end;
  }

  #release(end: number): string {
    const text = this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    return text;
  }

  #stop({ start, stop }: StopMatch): FilteredText {
    const text = this.#release(start);
    this.#held = "";
    this.#stopped = stop;
    return { text, stopped: stop };
  }
}
