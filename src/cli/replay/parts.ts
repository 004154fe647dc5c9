/** Splits a trace into the part before the first step and one part per step. */
import type { GenerateEvent, StepEvent } from "../../core/index.ts";

export interface TracePart {
  /** The step that begins the part; absent in the first part. */
  readonly step?: StepEvent;
  /** The step and the events up to the next step. The final event, `done`, belongs to no part. */
  readonly events: readonly GenerateEvent[];
}

/** Returns at least one part. The part before the first step can be empty. */
export function partsOf(events: readonly GenerateEvent[]): readonly TracePart[] {
  const parts: { step?: StepEvent; events: GenerateEvent[] }[] = [{ events: [] }];
  for (const event of events) {
    // Without 'lost' and 'recovered' events, the events are those of a generation without a lost device.
    if (event.type === "lost" || event.type === "recovered" || event.type === "done") continue;
    if (event.type === "step") parts.push({ step: event, events: [event] });
    else parts.at(-1)!.events.push(event);
  }
  return parts;
}

export function eventsOf(parts: readonly TracePart[]): readonly GenerateEvent[] {
  return parts.flatMap(({ events }) => events);
}
