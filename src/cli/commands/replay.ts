/** `unmask replay`: a saved generation, shown again as it was; needs no model. */
import { setTimeout } from "node:timers/promises";
import { number, throwIfAborted, validate } from "../../core/index.ts";
import { interruptible } from "../interrupt.ts";
import type { Io } from "../io.ts";
import { replayView } from "../replayView.ts";
import { note } from "../statusLine.ts";
import { loadTrace } from "../traceFile.ts";
import { parseValue } from "../values.ts";
import type { ViewOptions } from "../view.ts";
import { type AddCommand, addOutputOptions, examples, exitCodeHelp } from "./command.ts";

interface ReplayOptions extends ViewOptions {
  readonly speed?: string;
  /** False for `--no-wait`. */
  readonly wait: boolean;
}

const parameters = {
  speed: number({
    ...{ default: 1, minimum: 0, exclusiveMinimum: true },
    help: "how many times as fast as it was",
  }),
} as const;

export const addReplay: AddCommand = (program, { io }) => {
  const command = program
    .command("replay")
    .description("Show a saved trace again: on a terminal as it was, in a pipe a line a step.")
    .argument("<file>", "a trace, as `generate --trace` saves it")
    .option("--speed <number>", `${parameters.speed.help} (default: ${parameters.speed.default})`)
    .option("--no-wait", "show all steps at once");
  addOutputOptions(command)
    .addHelpText("after", exitCodeHelp)
    .addHelpText("after", examples("unmask replay story.jsonl", "unmask replay story.jsonl --speed 0.25"))
    .action((file: string, options: ReplayOptions) => replay(io, file, options));
};

async function replay(io: Io, file: string, options: ReplayOptions): Promise<void> {
  const speed = speedOf(options);
  const trace = await loadTrace(file);
  await interruptible(io, async (signal) => {
    let traceMs = 0;
    const view = replayView(io, trace, options, () => traceMs);
    try {
      for (const event of trace.events) {
        // What came before and after it shows the generation as it would have been without.
        if (event.type === "recovered") continue;
        if (event.type === "step") {
          traceMs += event.ms;
          if (options.wait) await pause(event.ms / speed, signal);
        }
        throwIfAborted(signal, "replay the trace");
        await view.show(event);
      }
    } finally {
      view.close();
    }
    if (trace.events.at(-1)?.type !== "done") await note(io, "The trace ends before the generation did.");
  });
}

/** @throws DiffusionError `invalid-request` */
function speedOf({ speed }: ReplayOptions): number {
  const given = speed === undefined ? {} : { speed: parseValue("--speed", parameters.speed, speed) };
  return validate("the speed", parameters, given).speed;
}

/** The longest that a timer takes. */
const longestMs = 2 ** 31 - 1;

/** Waits; an abort ends the wait. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const ended = setTimeout(Math.min(ms, longestMs), undefined, { signal });
  await ended.catch(() => {});
}
