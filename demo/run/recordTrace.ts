/** A recording of a saved trace, as `readTrace` returns it. */
import { stopTokensOf, type Trace } from "../../src/core/index.ts";
import { Recording } from "./recording.ts";

export function recordTrace(trace: Trace): Recording {
  const recording = new Recording({ stopTokens: stopTokensOf(trace) });
  for (const event of trace.events) recording.add(event);
  recording.nameTokens([...trace.texts.keys()], [...trace.texts.values()]);
  return recording;
}
