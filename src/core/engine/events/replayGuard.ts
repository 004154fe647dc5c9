/**
 * Emits the events of one request, each of them once. A request that starts over after a device loss repeats its events. The
 * repeated events are compared with those of the first run and not emitted again. Passes that only encode the prompt are not
 * compared, as they depend on the other requests of the batch.
 */
import type { StepOutcome } from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import { EventQueue } from "./eventQueue.ts";
import type { GenerateEvent, RecoveredEvent } from "./events.ts";

/** Makes an event when the consumer takes it, from values that no longer change. */
export type MakeEvent = () => GenerateEvent;

/** The numbers of an event that must be the same in a replay, as lists. */
export type Decisions = readonly (readonly number[])[];

/** Of events without numbers to compare. */
export const noDecisions: Decisions = [];

/** An index in this list stands for a type among the emitted numbers. */
const types: readonly GenerateEvent["type"][] = ["start", "step", "progress", "block", "extend", "done"];

export class ReplayGuard {
  readonly #queue = new EventQueue<MakeEvent>();
  /**
   * For each emitted event its type's index, and for each of its lists the length and the numbers. They are kept for as long as the
   * request runs, so they are one list of numbers rather than an object for each event.
   */
  readonly #emitted: number[] = [];
  /** Where the next event begins in `#emitted`, and how many events are before it. */
  #at = 0;
  #index = 0;
  #replaying = false;

  /** Whether nothing new has been emitted since the last start. */
  get replaying(): boolean {
    return this.#replaying;
  }

  /** Emits an event, unless the first run emitted it. If the event differs from the first run, the request fails. */
  push(type: GenerateEvent["type"], decisions: Decisions, make: MakeEvent): void {
    const index = this.#index++;
    if (this.#at < this.#emitted.length) {
      if (!this.#repeats(type, decisions)) this.fail(divergedError(index));
      return;
    }
    this.#emitted.push(types.indexOf(type));
    for (const numbers of decisions) {
      this.#emitted.push(numbers.length);
      for (const number of numbers) this.#emitted.push(number);
    }
    this.#at = this.#emitted.length;
    this.pushUncompared(make);
  }

  /** Whether the event equals the next one of the first run, which it passes. */
  #repeats(type: GenerateEvent["type"], decisions: Decisions): boolean {
    const isNext = (number: number) => number === this.#emitted[this.#at++];
    return (
      isNext(types.indexOf(type)) &&
      decisions.every((numbers) => isNext(numbers.length) && numbers.every(isNext))
    );
  }

  /** Emits an event without a comparison, in replays too. */
  pushUncompared(make: MakeEvent): void {
    this.#replaying = false;
    this.#queue.push(make);
  }

  /** Emits an event that is none of the run's own: no replay repeats it, and it is no progress. */
  pushAside(event: GenerateEvent): void {
    this.#queue.push(() => event);
  }

  /** Starts a replay and emits `event`. From now on, events are compared with those of the first run. */
  beginReplay(event: RecoveredEvent): void {
    this.#at = this.#index = 0;
    this.#replaying = true;
    this.pushAside(event);
  }

  end(): void {
    this.#queue.end();
  }
  fail(error: unknown): void {
    this.#queue.fail(error);
  }
  get failed(): boolean {
    return this.#queue.failed;
  }
  /** Makes the oldest event that was not taken yet; undefined if there is none now. */
  take(): GenerateEvent | undefined {
    return this.#queue.take()?.();
  }
  drain(): AsyncGenerator<GenerateEvent, void, undefined> {
    return this.#queue.drain((make) => make());
  }
}

export function stepDecisions({ positions, tokens, edits, revoked = [] }: StepOutcome): Decisions {
  return [positions, tokens, edits.positions, edits.tokens, revoked];
}

function divergedError(index: number): DiffusionError {
  return new DiffusionError(
    "device-lost",
    `Cannot continue after the device loss as the replacement device decides other tokens: found a difference in event ${index}`,
  );
}
