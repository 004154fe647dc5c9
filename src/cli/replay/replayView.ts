/** How a trace is shown: on a terminal as the generation was, in a pipe step by step. */
import type { GenerateEvent, Trace } from "../../core/index.ts";
import { type Io, write } from "../io.ts";
import { LiveView, type TokenDisplay } from "../liveView.ts";
import { summaryText } from "../progressText.ts";
import { note } from "../statusLine.ts";
import { stepText } from "../stepText.ts";
import { colors, isLive } from "../terminal.ts";
import type { AnswerView, ViewOptions } from "../view.ts";

/** Shows a trace, forwards and backwards. */
export interface ReplayView extends Pick<AnswerView, "close"> {
  /** Shows what comes next. */
  next(events: readonly GenerateEvent[]): Promise<void>;
  /** Shows the trace as it was after these events, the first ones. */
  again(events: readonly GenerateEvent[]): Promise<void>;
  /** Shows the footer as it is now. */
  refresh(): void;
}

export interface ReplayViewOptions extends ViewOptions {
  /** The trace's own time, ms. */
  readonly now: () => number;
  /** What stands under the canvas on a terminal. */
  readonly footer?: () => string;
}

export function replayView(io: Io, trace: Trace, options: ReplayViewOptions): ReplayView {
  const { color, now, footer } = options;
  if (!isLive(io)) return stepsView(io, options);
  const view = new LiveView(io, { color, tokens: tokensOf(trace), now, ...(footer && { footer }) });
  return {
    async next(events) {
      for (const event of events) await view.show(event);
    },
    again: (events) => view.showAgain(events),
    refresh: () => view.refresh(),
    close: () => view.close(),
  };
}

/** A line a step, then the text. */
function stepsView(io: Io, { verbose, color }: ViewOptions): ReplayView {
  const show = async (event: GenerateEvent) => {
    if (event.type === "step") await write(io.stdout, `${stepText(event)}\n`);
    if (event.type !== "done") return;
    await write(io.stdout, `${event.text ?? event.tokens.join(" ")}\n`);
    if (verbose) await note(io, colors(io, io.stderr, color).dim(summaryText(event.usage, event.reason)));
  };
  return {
    async next(events) {
      for (const event of events) await show(event);
    },
    // Nobody steps backwards where there are no keys.
    async again() {},
    refresh() {},
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

/**
 * The tokens that ended the answer and its holes: what stands behind what was kept of them.
 * @param start the answer's first position
 */
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
