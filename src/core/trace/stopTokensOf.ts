/** The tokens that ended the generation of a trace, which a replay does not show as text. */
import type { Trace } from "./trace.ts";

/** Of a trace whose header does not name them: the first token after the kept ones of the answer, or of each hole. */
export function stopTokensOf({ header, events }: Pick<Trace, "header" | "events">): readonly number[] {
  if (header.stopTokens) return header.stopTokens;
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
