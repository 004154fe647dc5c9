/**
 * The other lane of a race: what the same run costs with one token per forward. It is counted, not computed: the same tokens in the
 * same order, one per forward, each forward as long as the mean of the run's own. A page that shows it must say so.
 */
import type { StepEvent } from "../../src/core/index.ts";
import type { Recording } from "./recording.ts";

export function oneTokenPerForward(recording: Recording): Recording {
  const lane = recording.empty();
  const forwards = recording.passes.filter(({ isPrefill }) => !isPrefill);
  const meanMs = forwards.reduce((sum, { ms }) => sum + ms, 0) / Math.max(1, forwards.length);
  const lastCommits = new Map<number, StepEvent>();
  for (const event of recording.events)
    if (event.type === "step") for (const position of event.positions) lastCommits.set(position, event);
  let step = 0;
  for (const event of recording.events) {
    if (event.type === "step" && !event.prefill) {
      for (const single of singles(event, lastCommits)) lane.add({ ...single, step: step++, ms: meanMs });
    } else lane.add(event);
  }
  return lane;
}

/**
 * A step as one for each of its commits, in the decoder's order. Edits belong to the last one; guesses are left out, and so are
 * commits that were taken back later.
 */
function singles(step: StepEvent, lastCommits: ReadonlyMap<number, StepEvent>): readonly StepEvent[] {
  const { guesses: _, revoked: __, ...event } = step;
  const none = { positions: [], tokens: [], confidences: [] };
  if (event.positions.length === 0) return [event];
  const kept = [...event.positions.entries()].filter(([, position]) => lastCommits.get(position) === step);
  return kept.map(([index, position]) => ({
    ...event,
    positions: [position],
    tokens: [event.tokens[index]!],
    confidences: [event.confidences[index]!],
    ...(event.texts && { texts: [event.texts[index]!] }),
    ...(event.logprobs && { logprobs: [event.logprobs[index]!] }),
    openCount: event.openCount - index,
    edits: index === kept.at(-1)![0] ? event.edits : none,
  }));
}
