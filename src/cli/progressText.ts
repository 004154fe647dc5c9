/** Progress lines for loading and generation, and the summary of a generation. */
import type { DoneEvent, LoadProgress, RecoveredEvent, Usage } from "../core/index.ts";
import { bytesText } from "./format.ts";

/**
 * For example `downloading org/name: 1.20 GiB of 14.7 GiB · 85.1 MiB/s · 2:42 left` or
 * `compiling org/name: 12 of 40 pipelines`.
 */
export function loadingText(name: string, progress: LoadProgress): string {
  if (progress.stage === "compile")
    return `compiling ${name}: ${progress.compiledCount ?? 0} of ${progress.pipelineCount ?? 0} pipelines`;
  const { stage, loadedBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const doing = stage === "download" ? "downloading" : "loading";
  return [
    `${doing} ${name}: ${bytesText(loadedBytes)} of ${bytesText(totalBytes)}`,
    ...(secondsLeft === undefined
      ? []
      : [`${bytesText(bytesPerSecond)}/s`, `${durationText(secondsLeft)} left`]),
  ].join(" · ");
}

/** For example `0:09`, `2:42` or `1:02:42`. */
function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const digits = (count: number) => String(count).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return `${hours > 0 ? `${hours}:${digits(minutes)}` : minutes}:${digits(whole % 60)}`;
}

/** The progress of a generation. */
export interface Progress {
  /** Completed blocks. */
  readonly block: number;
  /** All blocks; 0 while their number is unknown. */
  readonly blocks: number;
  readonly committed: number;
  /** Positions of the canvas. */
  readonly total: number;
  readonly forwards: number;
  /** Time since the first pass. */
  readonly elapsedMs: number;
  /** The last recovery from a lost device, if any. */
  readonly recovered?: RecoveredEvent;
}

export function progressText(progress: Progress): string {
  const { block, blocks, committed, total, forwards, elapsedMs, recovered } = progress;
  return [
    ...(blocks > 0 ? [`block ${Math.min(block + 1, blocks)}/${blocks}`] : []),
    `${committed}/${total} tokens`,
    counted(forwards, "forward"),
    `${rate(committed, forwards)} tok/forward`,
    `${rate(1000 * committed, elapsedMs)} tok/s`,
    ...(recovered ? [recoveredText(recovered)] : []),
  ].join(" · ");
}

export function recoveredText({ ms }: RecoveredEvent): string {
  return `device lost, recovered after ${(ms / 1000).toFixed(1)} s`;
}

export function summaryText(usage: Usage, reason: DoneEvent["reason"]): string {
  const { completionTokens, forwards, refreshes, decodeMs } = usage;
  return [
    counted(completionTokens, "token"),
    `${counted(forwards, "forward")}${refreshes > 0 ? ` (${counted(refreshes, "refresh", "refreshes")})` : ""}`,
    `${usage.tokensPerForward.toFixed(1)} tok/forward`,
    `${usage.tokensPerSecond.toFixed(1)} tok/s`,
    `${(decodeMs / 1000).toFixed(2)} s`,
    reason === "stop" ? "stopped" : "reached the length limit",
  ].join(" · ");
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

function rate(amount: number, per: number): string {
  return (per > 0 ? amount / per : 0).toFixed(1);
}
