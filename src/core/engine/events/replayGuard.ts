/**
 * Emits the events of one request, each of them once. A request that starts over after a device loss repeats its events. The
 * repeated events are compared with those of the first run and not emitted again. Passes that only encode the prompt are not
 * compared, as they depend on the other requests of the batch.
 */
import type { Range, StepOutcome } from "../../diffusion/index.ts";
import { DiffusionError } from "../../error.ts";
import { EventQueue } from "./eventQueue.ts";
import type { GenerateEvent, RecoveredEvent } from "./events.ts";

/** Makes an event when the consumer takes it, from values that no longer change. */
export type MakeEvent = () => GenerateEvent;

/** The comparable part of an event: its type, then the numbers that must be the same in a replay. */
export type Decisions = readonly [GenerateEvent["type"], ...number[]];

export class ReplayGuard {
  readonly #queue = new EventQueue<MakeEvent>();
  readonly #emitted: Decisions[] = [];
  /** Index of the next event among `#emitted`. */
  #next = 0;
  #replaying = false;

  /** Whether nothing new has been emitted since the last start. */
  get replaying(): boolean {
    return this.#replaying;
  }

  /** Emits an event, unless the first run emitted it. If the event differs from the first run, the request fails. */
  push(decisions: Decisions, make: MakeEvent): void {
    const index = this.#next++;
    const emitted = this.#emitted[index];
    if (emitted) {
      if (!areEqual(emitted, decisions)) this.fail(divergedError(index));
      return;
    }
    this.#emitted.push(decisions);
    this.pushUncompared(make);
  }

  /** Emits an event without a comparison, in replays too. */
  pushUncompared(make: MakeEvent): void {
    this.#replaying = false;
    this.#queue.push(make);
  }

  /** Starts a replay and emits `event`. From now on, events are compared with those of the first run. */
  beginReplay(event: RecoveredEvent): void {
    this.#next = 0;
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
  drain(): AsyncGenerator<GenerateEvent, void, undefined> {
    return this.#queue.drain((make) => make());
  }
}

export function stepDecisions({ positions, tokens, edits }: StepOutcome): Decisions {
  return ["step", positions.length, ...positions, ...tokens, ...edits.positions, ...edits.tokens];
}

export function extendDecisions({ start, end }: Range): Decisions {
  return ["extend", start, end];
}

function areEqual(a: Decisions, b: Decisions): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

function divergedError(index: number): DiffusionError {
  return new DiffusionError(
    "device-lost",
    `Cannot continue after the device loss as the replacement device decides other tokens: found a difference in event ${index}`,
  );
}
