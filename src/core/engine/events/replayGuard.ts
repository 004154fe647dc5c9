/**
 * The events of one request, each told once: a request that starts over tells its events again, which are compared
 * with what was told, and left out. Passes that only encode the prompt stand apart, as others may have encoded it.
 */
import { DiffusionError } from "../../error.ts";
import { EventQueue } from "./eventQueue.ts";
import type { GenerateEvent, RecoveredEvent } from "./events.ts";

export class ReplayGuard {
  readonly #queue = new EventQueue<GenerateEvent>();
  /** What each event said, as far as tokens depend on it. */
  readonly #told: string[] = [];
  /** Index of the next event. */
  #next = 0;
  #retelling = false;

  /** Whether nothing new has been told since the last start. */
  get replaying(): boolean {
    return this.#retelling;
  }

  /** An event that differs from the one that was told in its place fails the rest. */
  push(event: GenerateEvent): void {
    const index = this.#next++;
    const said = decisionsOf(event);
    if (index < this.#told.length) {
      if (this.#told[index] !== said) this.fail(differs(index));
      return;
    }
    this.#retelling = false;
    this.#told.push(said);
    this.#queue.push(event);
  }

  /** An event that is told once, and has no place among those that are compared: it depends on the company. */
  pushUncompared(event: GenerateEvent): void {
    this.#retelling = false;
    this.#queue.push(event);
  }

  /** Told at once; what was told before will be told again. */
  beginReplay(event: RecoveredEvent): void {
    this.#next = 0;
    this.#retelling = true;
    this.#queue.push(event);
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
    return this.#queue.drain();
  }
}

function decisionsOf(event: GenerateEvent): string {
  if (event.type === "extend") return [event.type, event.start, event.end].join(" ");
  if (event.type !== "step") return event.type;
  const { positions, tokens, edits } = event;
  return [event.type, positions, tokens, edits.positions, edits.tokens].join(" ");
}

function differs(index: number): DiffusionError {
  return new DiffusionError(
    "device-lost",
    `Cannot go on after the device was lost as another one decides otherwise: found other tokens in event ${index}`,
  );
}
