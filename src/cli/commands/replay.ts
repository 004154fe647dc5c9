/** `unmask replay`: plays back a saved trace, without a model. */

import { parseValue } from "../../core/declare/parseValue.ts";
import { DiffusionError, number, type Trace, throwIfAborted, validate } from "../../core/index.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { keysHelp, listenToKeys } from "../replay/keys.ts";
import { eventsOf, partsOf } from "../replay/parts.ts";
import { Playback, type PlaybackKey } from "../replay/playback.ts";
import { replayView } from "../replay/replayView.ts";
import { WakingTimer } from "../replay/wakingTimer.ts";
import { note } from "../statusLine.ts";
import { loadTrace } from "../traceFile.ts";
import type { ViewOptions } from "../view.ts";
import { type AddCommand, addOutputOptions } from "./command.ts";
import { examples, exitCodeHelp } from "./helpText.ts";
import { addNamed } from "./overview.ts";

interface ReplayOptions extends ViewOptions {
  readonly speed?: string;
  /** False for `--no-wait`. */
  readonly wait: boolean;
}

const parameters = {
  speed: number({
    default: 1,
    minimum: 0,
    exclusiveMinimum: true,
    help: "playback speed relative to the recorded speed",
  }),
} as const;

export const addReplay: AddCommand = (program, { io }) => {
  const command = addNamed(program, "replay")
    .argument("<file>", "a trace file of `generate --trace`")
    .option("--speed <number>", `${parameters.speed.help} (default: ${parameters.speed.default})`)
    .option("--no-wait", "show all steps without delay");
  addOutputOptions(command)
    .addHelpText("after", `\nKeys on a terminal: ${keysHelp}.`)
    .addHelpText("after", exitCodeHelp)
    .addHelpText("after", examples("unmask replay story.jsonl", "unmask replay story.jsonl --speed 0.25"))
    .action((file: string, options: ReplayOptions) => replay(io, file, options));
};

async function replay(io: Io, file: string, options: ReplayOptions): Promise<void> {
  const speed = speedOf(options);
  const trace = await loadTrace(file);
  await interruptible(io, (signal) => play(io, trace, { ...options, speed }, signal));
  if (trace.events.at(-1)?.type !== "done")
    await note(io, "The trace ends before the end of the generation.");
}

interface PlayOptions extends ViewOptions {
  readonly speed: number;
  readonly wait: boolean;
}

/** @throws DiffusionError `aborted` */
async function play(io: Io, trace: Trace, options: PlayOptions, signal: AbortSignal): Promise<void> {
  const parts = partsOf(trace.events);
  const steps = parts.flatMap(({ step }) => step ?? []);
  const playback = new Playback(
    steps.map(({ ms }) => (options.wait ? ms : 0)),
    options.speed,
  );
  const timer = new WakingTimer();
  const interrupt = new AbortController();
  const either = AbortSignal.any([signal, interrupt.signal]);
  either.addEventListener("abort", () => timer.wake());
  const pressed: PlaybackKey[] = [];
  const release = listenToKeys(io, {
    onKey(key) {
      pressed.push(key);
      timer.wake();
    },
    onInterrupt: () => interrupt.abort(new Error("Ctrl-C")),
  });
  let shownCount = 0;
  const now = () => steps.slice(0, shownCount).reduce((sum, { ms }) => sum + ms, 0);
  const footer = release && (() => footerText(playback));
  const view = replayView(io, trace, { ...options, now, ...(footer && { footer }) });
  try {
    await view.next(parts[0]!.events);
    while (!playback.isEnded) {
      playback.elapse(await timer.wait(playback.waitMs));
      throwIfAborted(either, "replay the trace");
      for (const key of pressed.splice(0)) playback.press(key);
      const before = shownCount;
      shownCount = playback.shownCount;
      if (shownCount > before) await view.next(eventsOf(parts.slice(before + 1, shownCount + 1)));
      else if (shownCount < before) await view.rewind(eventsOf(parts.slice(0, shownCount + 1)));
      else view.refresh();
    }
    if (!playback.wasQuit) await view.next(trace.events.filter(({ type }) => type === "done"));
  } finally {
    release?.();
    view.close();
  }
}

function footerText({ isPaused, speed }: Playback): string {
  return `${isPaused ? "paused" : `speed ${Number(speed.toPrecision(3))}`} · ${keysHelp}`;
}

/** @throws DiffusionError `invalid-request` */
function speedOf({ speed, wait }: ReplayOptions): number {
  if (speed !== undefined && !wait) {
    throw new DiffusionError("invalid-request", "Cannot use '--speed' together with '--no-wait'");
  }
  const given = speed === undefined ? {} : { speed: parseValue("--speed", parameters.speed, speed) };
  return validate("the speed", parameters, given).speed;
}
