/** What two runs of a request must have in common. */
import type { GenerateEvent } from "../../src/core/index.ts";

/** Events less what tells times and recoveries. */
export function told(events: readonly GenerateEvent[]): readonly unknown[] {
  return events.flatMap((event): readonly unknown[] => {
    if (event.type === "recovered") return [];
    if (event.type === "done") {
      const { queuedMs: _, decodeMs: __, tokensPerSecond: ___, ...usage } = event.usage;
      return [{ ...event, usage }];
    }
    return [{ ...event, ms: 0, queuedMs: 0 }];
  });
}
