/** A recording of a saved trace, as `readTrace` returns it. */
import type { Trace } from "../../src/core/index.ts";
import { Recording } from "./recording.ts";

export function recordTrace({ events }: Trace): Recording {
  const recording = new Recording({ stopTokens: stopTokensOf(events) });
  for (const event of events) recording.add(event);
  return recording;
}

/** The tokens that ended the answer and its holes: the first token after the kept ones. A trace does not name the model's own. */
function stopTokensOf(events: Trace["events"]): readonly number[] {
  const start = events[0];
  const done = events.at(-1);
  if (start?.type !== "start" || done?.type !== "done") return [];
  const { canvas, tokens, holes, reason } = done;
  const answer = { start: start.promptTokens, end: canvas.length, tokens };
  const ended = holes ?? (reason === "stop" ? [answer] : []);
  return ended.flatMap((part) => {
    const at = part.start + part.tokens.length;
    return at < part.end ? canvas.slice(at, at + 1) : [];
  });
}
