/**
 * Who waits, who is active, who is admitted next and whose rows make the next pass: a state machine without a backend
 * and without a clock, so that it can be simulated. Times are ms of whatever clock its owner has.
 */
import { bug } from "../../error.ts";
import { PositionPool } from "./positionPool.ts";

/** What somebody who waits asks for. */
export interface AdmissionRequest {
  /** Positions of the K/V pool, in one piece. */
  readonly positions: number;
  /** Higher comes first. */
  readonly priority: number;
  readonly arrivedAt: number;
  /** From then on it is over; Infinity is never. */
  readonly deadlineAt: number;
}

/** A range of the K/V pool that somebody was given. */
export interface Admission<T> {
  readonly item: T;
  readonly base: number;
}

/** What an active row takes of the next pass. */
export interface BatchCost {
  readonly tokens: number;
  readonly spans: number;
  /** Whether it only encodes a prompt. */
  readonly prefill: boolean;
}

/** What one pass may hold. */
export interface PassLimits {
  readonly tokens: number;
  readonly spans: number;
  /** Tokens of prompts in all, so that long ones do not stall those who decode; one row may always exceed it alone. */
  readonly prefillTokens: number;
}

/** Waiting so long outweighs one step of priority. */
export const agingMs = 5000;
/** Whoever has waited so long is not passed any more by those behind it, even if they would fit and it does not. */
export const patienceMs = 2000;

interface Entry<T> extends AdmissionRequest {
  readonly item: T;
  /** Lower goes first. As all age alike, time does not change the order. */
  readonly rank: number;
}
interface Admitted<T> extends Entry<T> {
  readonly base: number;
  /** How many were admitted before it. */
  readonly order: number;
}

export class Schedule<T> {
  readonly #pool: PositionPool;
  /** By rank; of equals, who came first. */
  #waiting: readonly Entry<T>[] = [];
  /** Those who were served last are at the end. */
  #active: readonly Admitted<T>[] = [];
  #admitted = 0;

  /** @param positions of the K/V pool */
  constructor(positions: number) {
    this.#pool = new PositionPool(positions);
  }

  get waiting(): readonly T[] {
    return this.#waiting.map(({ item }) => item);
  }
  /** In the order in which they have a claim to be served. */
  get active(): readonly T[] {
    return this.#active.map(({ item }) => item);
  }
  get waitingCount(): number {
    return this.#waiting.length;
  }
  get activeCount(): number {
    return this.#active.length;
  }
  /** Whether there is nobody at all. */
  get idle(): boolean {
    return this.waitingCount + this.activeCount === 0;
  }
  /** Positions of the pool that nobody has. */
  get free(): number {
    return this.#pool.free;
  }

  add(item: T, wish: AdmissionRequest): void {
    if (wish.positions > this.#pool.capacity) {
      throw bug(`${wish.positions} positions never fit in a pool of ${this.#pool.capacity}`);
    }
    this.#queue({ ...wish, item, rank: wish.arrivedAt - wish.priority * agingMs });
  }

  /** Those whose deadline has come. */
  expired(now: number): readonly T[] {
    return [...this.#waiting, ...this.#active]
      .filter(({ deadlineAt }) => deadlineAt <= now)
      .map(({ item }) => item);
  }

  /**
   * Gives the next one its place, if there is one with room: who comes first by priority and time of arrival. Where that
   * one does not fit, a smaller one may pass it, until it has waited too long for that.
   */
  admit(now: number): Admission<T> | undefined {
    for (const entry of this.#waiting) {
      const base = this.#pool.reserve(entry.positions);
      if (base !== undefined) {
        this.#waiting = this.#waiting.filter((each) => each !== entry);
        this.#active = [...this.#active, { ...entry, base, order: this.#admitted++ }];
        return { item: entry.item, base };
      }
      if (now - entry.arrivedAt >= patienceMs) return undefined;
    }
    return undefined;
  }

  /**
   * The rows of the next pass: in the order of their claims, each that still fits. They go behind those who were left out,
   * so the first is served in any case, and nobody waits for more passes than there are rows.
   * @param demandOf what a row takes, beside those picked so far; undefined if it is better left out
   */
  pick(demandOf: (item: T, picked: readonly T[]) => BatchCost | undefined, limits: PassLimits): readonly T[] {
    const picked: T[] = [];
    const served: Admitted<T>[] = [];
    const left: Admitted<T>[] = [];
    let tokens = 0;
    let spans = 0;
    let prefillTokens = 0;
    for (const place of this.#active) {
      const demand = demandOf(place.item, picked);
      const encoded = demand?.prefill ? prefillTokens + demand.tokens : prefillTokens;
      const fits =
        demand !== undefined &&
        tokens + demand.tokens <= limits.tokens &&
        spans + demand.spans <= limits.spans &&
        (!demand.prefill || prefillTokens === 0 || encoded <= limits.prefillTokens);
      if (!fits) {
        left.push(place);
        continue;
      }
      tokens += demand.tokens;
      spans += demand.spans;
      prefillTokens = encoded;
      picked.push(place.item);
      served.push(place);
    }
    this.#active = [...left, ...served];
    return picked;
  }

  /** Takes somebody out, wherever it is. */
  remove(item: T): void {
    const place = this.#active.find((each) => each.item === item);
    if (place) {
      this.#active = this.#active.filter((each) => each !== place);
      this.#pool.release(place.base, place.positions);
    } else this.#waiting = this.#waiting.filter((each) => each.item !== item);
  }

  /** Takes everybody's place, as the pool is gone: they come before all who have had none yet, in the order they had. */
  evict(): void {
    const places = [...this.#active].sort((a, b) => a.order - b.order);
    for (const { base, order: _, ...entry } of places) {
      this.#pool.release(base, entry.positions);
      this.#queue({ ...entry, rank: Number.NEGATIVE_INFINITY });
    }
    this.#active = [];
  }

  #queue(entry: Entry<T>): void {
    const at = this.#waiting.findIndex(({ rank }) => rank > entry.rank);
    const waiting = [...this.#waiting];
    waiting.splice(at < 0 ? waiting.length : at, 0, entry);
    this.#waiting = waiting;
  }
}
