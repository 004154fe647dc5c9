/** How long a request may take, and whom it may pass while it waits. */
import { DiffusionError } from "../../error.ts";

export interface Urgency {
  readonly priority: number;
  /** When the request was accepted, by `performance.now()`, and how long it has from then on; null is unlimited. */
  readonly acceptedAt: number;
  readonly deadlineMs: number | null;
}

/** By `performance.now()`; Infinity for none. */
export function deadlineAt({ acceptedAt, deadlineMs }: Urgency): number {
  return deadlineMs === null ? Infinity : acceptedAt + deadlineMs;
}

export function deadlineError({ acceptedAt, deadlineMs }: Urgency, now: number): DiffusionError {
  const ms = Math.round(now - acceptedAt);
  const message = `Cannot finish the generation as its 'deadlineMs' of ${deadlineMs} has passed: found ${ms} ms since it was accepted`;
  return new DiffusionError("deadline-exceeded", message);
}
