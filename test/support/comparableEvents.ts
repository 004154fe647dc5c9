/** Comparison of the events of two runs. */
import type { GenerateEvent } from "../../src/core/index.ts";

/** The events without times and recoveries, which are equal in all runs of a request. */
export function comparableEvents(events: readonly GenerateEvent[]): readonly unknown[] {
  return events.flatMap((event): readonly unknown[] => {
    if (event.type === "lost" || event.type === "recovered") return [];
    if (event.type === "done") {
      const { queuedMs: _, decodeMs: __, tokensPerSecond: ___, ...usage } = event.usage;
      return [{ ...event, usage }];
    }
    return [{ ...event, ms: 0, queuedMs: 0 }];
  });
}
