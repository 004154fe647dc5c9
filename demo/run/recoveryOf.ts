/** What became of the device during a run. */
import type { GenerateEvent } from "../../src/core/index.ts";

export type Recovery =
  /** Lost, and not replaced yet. */
  | { readonly phase: "lost"; readonly reason: string }
  /** Replaced; the run has started over. */
  | { readonly phase: "recovered"; readonly reason: string; readonly count: number; readonly ms: number };

/** Undefined if the device was never lost. */
export function recoveryOf(events: readonly GenerateEvent[]): Recovery | undefined {
  let reason = "";
  let count = 0;
  let found: Recovery | undefined;
  for (const event of events) {
    if (event.type === "lost") {
      reason = event.reason;
      found = { phase: "lost", reason };
    } else if (event.type === "recovered") {
      count++;
      found = { phase: "recovered", reason, count, ms: event.ms };
    }
  }
  return found;
}
