import { DiffusionError, found } from "../error.ts";

/** The index of the first stop token in the range [start, end) of `tokens`. */
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
  /** The start of the stop string; the text before it is kept. */
  readonly start: number;
  readonly stop: string;
}

/** The maximum number of stop strings of a request. */
export const maxStops = 64;
/** The maximum UTF-16 units of a stop string. */
export const maxStopLength = 4096;

function checkStops(stops: readonly string[]): void {
  const refuse = (reason: string) =>
    new DiffusionError("invalid-request", `Cannot stop at a string as ${reason}`);
  if (stops.length > maxStops)
    throw refuse(`there may be at most ${maxStops} stop strings: found ${stops.length}`);
  for (const stop of stops) {
    if (typeof stop !== "string" || stop === "")
      throw refuse(`a stop string must not be empty: found ${found(stop)}`);
    if (stop.length > maxStopLength)
      throw refuse(`a stop string may have at most ${maxStopLength} characters: found ${stop.length}`);
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
 * Finds the stop string that begins first in a text; among several at the same position, the shortest.
 * @throws DiffusionError `invalid-request` for an empty stop string, for more than 64 stop strings, or for a stop string of
 *   more than 4,096 characters
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
 * Searches a growing text for one stop string by the algorithm of Knuth, Morris and Pratt: each character takes the same
 * time, however long the stop string.
 */
class StopProgress {
  readonly stop: string;
  /** UTF-16 units of the longest start of the stop string that the text ends with. */
  length = 0;
  /** By prefix length: the length of the longest proper suffix of that prefix that is also a prefix (the failure function). */
  readonly #failure: Int32Array;

  constructor(stop: string) {
    this.stop = stop;
    this.#failure = new Int32Array(stop.length + 1);
    for (let end = 1, length = 0; end < stop.length; end++) {
      while (length > 0 && stop[end] !== stop[length]) length = this.#failure[length]!;
      if (stop[end] === stop[length]) length++;
      this.#failure[end + 1] = length;
    }
  }

  /** Takes the next UTF-16 unit of the text. */
  push(unit: string): void {
    while (this.length > 0 && this.stop[this.length] !== unit) this.length = this.#failure[this.length]!;
    if (this.stop[this.length] === unit) this.length++;
  }

  get complete(): boolean {
    return this.length === this.stop.length;
  }
}

/**
 * Cuts a growing text where `findStopString` would cut the whole text. The end of the text is held back while it may be the
 * start of a stop string; that is never more than the longest stop string.
 */
export class StopStringFilter {
  readonly #stops: readonly StopProgress[];
  #held = "";
  #stopped: string | undefined;
  /** The first complete stop string in the held text. An incomplete one may begin before it and would then come first. */
  #match: StopMatch | undefined;

  /** @throws DiffusionError `invalid-request` as `findStopString` */
  constructor(stops: readonly string[]) {
    checkStops(stops);
    this.#stops = stops.map((stop) => new StopProgress(stop));
  }

  /** Takes the next piece; returns the text in which no stop string can begin. Returns no text after a stop. */
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
      // an incomplete stop string that began earlier may still become the first one
      if (this.#match !== undefined && this.#match.start <= open) return this.#stop(this.#match);
    }
    return { text: this.#release(this.#firstOpen()) };
  }

  /** Ends the text and returns the held text, up to a stop string in it. */
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

  /** The start of the first incomplete stop string at the end of the held text; else the end of the held text. */
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
