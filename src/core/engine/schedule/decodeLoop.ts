/** Where the loop of decode steps runs: whether a device decides by itself, and for how many steps at once. */
import { decoders } from "../../decode/index.ts";
import { DiffusionError, found } from "../../error.ts";
import type { DeviceLoop } from "../../tensor/index.ts";
import type { Task } from "./task.ts";

export type DecodeLoop = "auto" | "host" | "device";
export const decodeLoops: readonly DecodeLoop[] = ["auto", "host", "device"];

export interface LoopOptions {
  readonly where: DecodeLoop;
  /** Maximum passes of a submission; the backend's maximum if absent. */
  readonly steps?: number | undefined;
}

/** @throws DiffusionError `invalid-request` */
export function readLoopOptions(options: {
  readonly decodeLoop?: DecodeLoop;
  readonly stepsPerSubmission?: number;
}): LoopOptions {
  const { decodeLoop: loop = "auto", stepsPerSubmission: steps } = options;
  if (!decodeLoops.includes(loop)) {
    const message = `Cannot load the model as 'decodeLoop' must be one of ${decodeLoops.join(", ")}: found ${found(loop)}`;
    throw new DiffusionError("invalid-request", message);
  }
  if (steps !== undefined && !(Number.isSafeInteger(steps) && steps > 0)) {
    const message = `Cannot load the model as 'stepsPerSubmission' must be a positive integer: found ${found(steps)}`;
    throw new DiffusionError("invalid-request", message);
  }
  return { where: loop, steps };
}

/**
 * Whether a task's decoder runs on the device.
 * @throws DiffusionError `unsupported` if it must and cannot
 */
export function decidesOnDevice(task: Task, { where }: LoopOptions, loop: DeviceLoop | undefined): boolean {
  if (where === "host" || (where === "auto" && loop?.preferred === false)) return false;
  const reason = whyNotOnDevice(task, loop);
  if (reason === undefined) return true;
  if (where === "auto") return false;
  throw new DiffusionError("unsupported", `Cannot decide on the device as ${reason}`);
}

/** Why the device cannot decide for a task; undefined if it can. */
export function whyNotOnDevice({ sequence }: Task, loop: DeviceLoop | undefined): string | undefined {
  if (!loop) return "the backend decides on the host only";
  const { decoder, cache, canvas, topLogprobs, guesses } = sequence.options;
  const { declaration } = decoder;
  if (!decoders.includes(declaration)) return `decoder '${declaration.name}' is not a built-in one`;
  if (cache.declaration.followsCommits)
    return `the passes of cache '${cache.declaration.name}' depend on what was committed`;
  if (cache.declaration.everyPass)
    return `the passes of cache '${cache.declaration.name}' are planned one by one, as some fall on finished blocks`;
  if (guesses) return "a device does not report the guesses at undecided positions";
  const own = declaration.onlyOnHost?.(decoder.parameters);
  if (own !== undefined) return own;
  const longest = Math.max(...canvas.blocks.map(({ start, end }) => end - start));
  if (loop.decides(declaration.name, longest, topLogprobs ?? undefined)) return undefined;
  const top = topLogprobs === null ? "" : ` with ${topLogprobs} best tokens each`;
  return `it has no decoder '${declaration.name}' for blocks of ${longest} positions${top}`;
}
