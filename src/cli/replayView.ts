/** How a trace is shown: on a terminal as the generation was, in a pipe step by step. */
import type { GenerateEvent, Trace } from "../core/index.ts";
import { type Io, write } from "./io.ts";
import { LiveView, type TokenDisplay } from "./liveView.ts";
import { summaryText } from "./progressText.ts";
import { note } from "./statusLine.ts";
import { stepText } from "./stepText.ts";
import { colors, isLive } from "./terminal.ts";
import type { AnswerView, ViewOptions } from "./view.ts";

/** @param now the trace's own time, ms */
export function replayView(io: Io, trace: Trace, options: ViewOptions, now: () => number): AnswerView {
  return isLive(io) ? new LiveView(io, options.color, tokensOf(trace), now) : stepsView(io, options);
}

/** A line a step, then the text. */
function stepsView(io: Io, { verbose, color }: ViewOptions): AnswerView {
  return {
    async show(event) {
      if (event.type === "step") await write(io.stdout, `${stepText(event)}\n`);
      if (event.type !== "done") return;
      await write(io.stdout, `${event.text ?? event.tokens.join(" ")}\n`);
      if (verbose) await note(io, colors(io, io.stderr, color).dim(summaryText(event.usage, event.reason)));
    },
    close() {},
  };
}

/** What is shown of a token whose text no step of the trace tells, as of those that an infilling pins. */
const unknownText = "▪";

/** Tokens as the trace itself tells them: replaying needs no model. */
export function tokensOf({ events }: Trace): TokenDisplay {
  const texts = new Map(
    events.flatMap((event) =>
      event.type === "step" ? event.tokens.map((token, i) => [token, event.texts?.[i]] as const) : [],
    ),
  );
  const told = [...texts.values()].some((text) => text !== undefined);
  const start = events.find((event) => event.type === "start")?.promptTokens ?? 0;
  const control = new Set(events.flatMap((event) => stopTokens(event, start)));
  return {
    text: (token) => texts.get(token) ?? (told ? unknownText : `#${token} `),
    isControl: (token) => control.has(token),
  };
}

/** The tokens that ended the answer and its holes: what stands behind what was kept of them. */
function stopTokens(event: GenerateEvent, start: number): readonly number[] {
  if (event.type !== "done") return [];
  const { canvas, tokens, holes, reason } = event;
  const answer = { start, end: canvas.length, tokens };
  const ended = holes ?? (reason === "stop" ? [answer] : []);
  return ended.flatMap((part) => {
    const at = part.start + part.tokens.length;
    return at < part.end ? canvas.slice(at, at + 1) : [];
  });
}
