/** A trace as what came before its first step, and its steps. */
import type { GenerateEvent, StepEvent } from "../../core/index.ts";

export interface TracePart {
  /** Absent in the part before the first step. */
  readonly step?: StepEvent;
  /** The step's and those behind it; the last event, `done`, belongs to no part. */
  readonly events: readonly GenerateEvent[];
}

/** At least one part: that before the first step, which may be empty. */
export function partsOf(events: readonly GenerateEvent[]): readonly TracePart[] {
  const parts: { step?: StepEvent; events: GenerateEvent[] }[] = [{ events: [] }];
  for (const event of events) {
    // What came before and after a lost device shows the generation as it would have been without the loss.
    if (event.type === "recovered" || event.type === "done") continue;
    if (event.type === "step") parts.push({ step: event, events: [event] });
    else parts.at(-1)!.events.push(event);
  }
  return parts;
}

export function eventsOf(parts: readonly TracePart[]): readonly GenerateEvent[] {
  return parts.flatMap(({ events }) => events);
}
