/** The line under the canvas, and the one that sums a generation up. */
import type { DoneEvent, RecoveredEvent, Usage } from "../core/index.ts";

/** How far a generation has come. */
export interface Progress {
  /** Blocks complete, and in all; 0 as long as that is not known. */
  readonly block: number;
  readonly blocks: number;
  readonly committed: number;
  /** Positions to be committed. */
  readonly total: number;
  readonly forwards: number;
  /** Since the first pass began. */
  readonly elapsedMs: number;
  /** The last loss of the device, if there was one. */
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
  return `device lost, another one after ${(ms / 1000).toFixed(1)} s`;
}

export function summaryText(usage: Usage, reason: DoneEvent["reason"]): string {
  const { completionTokens, forwards, refreshes, decodeMs } = usage;
  return [
    counted(completionTokens, "token"),
    `${counted(forwards, "forward")}${refreshes > 0 ? ` (${counted(refreshes, "refresh", "refreshes")})` : ""}`,
    `${usage.tokensPerForward.toFixed(1)} tok/forward`,
    `${usage.tokensPerSecond.toFixed(1)} tok/s`,
    `${(decodeMs / 1000).toFixed(2)} s`,
    reason === "stop" ? "ended by itself" : "ended at its length",
  ].join(" · ");
}

function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

function rate(amount: number, per: number): string {
  return (per > 0 ? amount / per : 0).toFixed(1);
}
