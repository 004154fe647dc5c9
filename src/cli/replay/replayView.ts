/** Displays a trace: as the live view on a terminal, as one line per step in a pipe. */
import { type GenerateEvent, stopTokensOf, type Trace } from "../../core/index.ts";
import { type Io, write } from "../io.ts";
import { LiveView, type TokenDisplay } from "../liveView.ts";
import { summaryText } from "../progressText.ts";
import { note } from "../statusLine.ts";
import { stepText } from "../stepText.ts";
import { colors, isLive } from "../terminal.ts";
import type { AnswerView, ViewOptions } from "../view.ts";

/** The display of a trace, forwards and backwards. */
export interface ReplayView extends Pick<AnswerView, "close"> {
  /** Displays the next events. */
  next(events: readonly GenerateEvent[]): Promise<void>;
  /** Rewinds the display to its state after these events. @param events all events from the start up to that state */
  rewind(events: readonly GenerateEvent[]): Promise<void>;
  /** Redraws the footer. */
  refresh(): void;
}

export interface ReplayViewOptions extends ViewOptions {
  /** The clock of the trace. */
  readonly now: () => number;
  /** A line below the canvas on a terminal. */
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
    rewind: (events) => view.rewind(events),
    refresh: () => view.refresh(),
    close: () => view.close(),
  };
}

/** Prints one line per step, then the text. */
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
    // Without keys, a replay never steps backwards.
    async rewind() {},
    refresh() {},
    close() {},
  };
}

/** Stands for a token whose text is not part of the trace, such as the pinned text in a trace of an earlier version. */
const unknownText = "▪";

/** The texts of tokens as recorded in the trace, as a replay has no tokenizer. */
export function tokensOf(trace: Trace): TokenDisplay {
  const { texts } = trace;
  const control = new Set(stopTokensOf(trace));
  return {
    text: (token) => texts.get(token) ?? (texts.size > 0 ? unknownText : `#${token} `),
    isControl: (token) => control.has(token),
  };
}
