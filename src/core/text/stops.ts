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

/** Stop strings of a request, and UTF-16 units of one. */
export const maxStops = 64;
export const maxStopLength = 4096;

function checkStops(stops: readonly string[]): void {
  const refuse = (reason: string) =>
    new DiffusionError("invalid-request", `Cannot stop at a string as ${reason}`);
  if (stops.length > maxStops)
    throw refuse(`there must be at most ${maxStops} of them: found ${stops.length}`);
  for (const stop of stops) {
    if (typeof stop !== "string" || stop === "")
      throw refuse(`a stop string must not be empty: found ${found(stop)}`);
    if (stop.length > maxStopLength)
      throw refuse(`it must have at most ${maxStopLength} characters: found ${stop.length}`);
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
 * @throws DiffusionError `invalid-request` for an empty stop string, for more than 64 of them, or one of more than 4,096
 *   characters
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
 * One stop string on its way through a text, by Knuth, Morris and Pratt: how much of it the text ends with. Each character
 * costs the same, however long the string.
 */
class StopProgress {
  readonly stop: string;
  /** Units of the string with which the text so far ends. */
  length = 0;
  /** By length: the longest proper end of so many units with which the string begins too. */
  readonly #shorter: Int32Array;

  constructor(stop: string) {
    this.stop = stop;
    this.#shorter = new Int32Array(stop.length + 1);
    for (let end = 1, length = 0; end < stop.length; end++) {
      while (length > 0 && stop[end] !== stop[length]) length = this.#shorter[length]!;
      if (stop[end] === stop[length]) length++;
      this.#shorter[end + 1] = length;
    }
  }

  /** Takes a unit of the text. */
  push(unit: string): void {
    while (this.length > 0 && this.stop[this.length] !== unit) this.length = this.#shorter[this.length]!;
    if (this.stop[this.length] === unit) this.length++;
  }

  get complete(): boolean {
    return this.length === this.stop.length;
  }
}

/**
 * Cuts a text that comes in pieces where `findStopString` would cut the whole. It holds back an end that may
 * be the beginning of a stop string, never more than the longest of them.
 */
export class StopStringFilter {
  readonly #stops: readonly StopProgress[];
  #held = "";
  #stopped: string | undefined;
  /** The stop string found so far that begins first, by its place in the held text: one that is open may yet come before it. */
  #match: StopMatch | undefined;

  /** @throws DiffusionError `invalid-request` as `findStopString` */
  constructor(stops: readonly string[]) {
    checkStops(stops);
    this.#stops = stops.map((stop) => new StopProgress(stop));
  }

  /** Takes the next piece; returns the text that no stop string can begin in. After a stop there is none. */
  push(text: string): FilteredText {
    if (this.#stopped !== undefined) return { text: "", stopped: this.#stopped };
    for (let index = 0; index < text.length; index++) {
      const unit = text[index]!;
      this.#held += unit;
      for (const progress of this.#stops) {
        progress.push(unit);
        if (progress.complete)
          this.#find({ start: this.#held.length - progress.length, stop: progress.stop });
      }
      const open = this.#firstOpen();
      // a stop string that may have begun before a complete one comes first, if it goes on
      if (this.#match !== undefined && this.#match.start <= open) return this.#stop(this.#match);
    }
    return { text: this.#release(this.#firstOpen()) };
  }

  /** Ends the text and returns what was held back, up to a stop string in it. */
  finish(): FilteredText {
    if (this.#stopped !== undefined) return { text: "", stopped: this.#stopped };
    return this.#match === undefined ? { text: this.#release(this.#held.length) } : this.#stop(this.#match);
  }

  #find(match: StopMatch): void {
    const first = this.#match;
    const earlier = first === undefined || match.start < first.start;
    if (earlier || (match.start === first.start && match.stop.length < first.stop.length))
      this.#match = match;
  }

  /** Where the first stop string begins that is cut off by the end of the held text; else that end. */
  #firstOpen(): number {
    let open = this.#held.length;
    for (const { length, complete } of this.#stops) {
      if (!complete) open = Math.min(open, this.#held.length - length);
    }
    return open;
  }

  #release(end: number): string {
    const text = this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    if (this.#match) this.#match = { ...this.#match, start: this.#match.start - end };
    return text;
  }

  #stop({ start, stop }: StopMatch): FilteredText {
    const text = this.#release(start);
    this.#held = "";
    this.#stopped = stop;
    return { text, stopped: stop };
  }
}
