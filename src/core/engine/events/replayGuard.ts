/**
 * The events of one request, each emitted once. A request that starts over after a device loss makes its events again: they
 * are compared with the events of the first run and left out. Passes that only encode the prompt are not compared, as
 * they depend on the other requests of the batch.
 */
import type { StepOutcome } from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import { EventQueue } from "./eventQueue.ts";
import type { GenerateEvent, RecoveredEvent } from "./events.ts";

/** Makes an event when the consumer takes it, from values that do not change any more. */
export type MakeEvent = () => GenerateEvent;

/** The numbers of an event that must be the same in a replay, as lists. */
export type Decisions = readonly (readonly number[])[];

/** For events that say no more than that they happened. */
export const noDecisions: Decisions = [];

/** Indices stand for types among the emitted events. */
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

  /** Adds an event, unless it was emitted before. An event that differs from the first run fails the request. */
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

  /** Whether an event is the next one that was emitted; moves on behind it. */
  #repeats(type: GenerateEvent["type"], decisions: Decisions): boolean {
    const isNext = (number: number) => number === this.#emitted[this.#at++];
    return (
      isNext(types.indexOf(type)) &&
      decisions.every((numbers) => isNext(numbers.length) && numbers.every(isNext))
    );
  }

  /** Adds an event that no replay is compared with. */
  pushUncompared(make: MakeEvent): void {
    this.#replaying = false;
    this.#queue.push(make);
  }

  /** Tells that the request starts over; from now on, events are compared with those of the first run. */
  beginReplay(event: RecoveredEvent): void {
    this.#at = this.#index = 0;
    this.#replaying = true;
    this.#queue.push(() => event);
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

export function stepDecisions({ positions, tokens, edits }: StepOutcome): Decisions {
  return [positions, tokens, edits.positions, edits.tokens];
}

function divergedError(index: number): DiffusionError {
  return new DiffusionError(
    "device-lost",
    `Cannot continue after the device loss as the replacement device decides other tokens: found a difference in event ${index}`,
  );
}
