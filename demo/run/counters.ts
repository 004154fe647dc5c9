/** The numbers of a run at a frame. */
import type { Recording } from "./recording.ts";
import { seriesOf } from "./series.ts";

export interface Counters {
  /** Passes of the model, less those that only encoded the prompt. */
  readonly forwards: number;
  readonly prefills: number;
  /** Positions that are still masked. */
  readonly masksLeft: number;
  /** Positions that a decoder decided; those filled in behind a stop are not. */
  readonly committed: number;
  /** Tokens of the answer: committed, up to the first stop token of the answer or of each hole. */
  readonly tokens: number;
  /** Time of all passes. */
  readonly elapsedMs: number;
  /** Undefined before the first forward. */
  readonly tokensPerForward: number | undefined;
  readonly tokensPerSecond: number | undefined;
  readonly msPerForward: number | undefined;
}

export function countersAt(recording: Recording, frame: number): Counters {
  const series = seriesOf(recording);
  const passes = recording.passes.slice(0, frame);
  const forwards = series.forwards[frame]!;
  const elapsedMs = series.elapsedMs[frame]!;
  const tokens = series.tokens[frame]!;
  const forwardMs = passes.reduce((sum, { isPrefill, ms }) => sum + (isPrefill ? 0 : ms), 0);
  return {
    forwards,
    prefills: frame - forwards,
    masksLeft: series.masksLeft[frame]!,
    committed: series.committed[frame]!,
    tokens,
    elapsedMs,
    tokensPerForward: forwards > 0 ? tokens / forwards : undefined,
    tokensPerSecond: elapsedMs > 0 ? (1000 * tokens) / elapsedMs : undefined,
    msPerForward: forwards > 0 ? forwardMs / forwards : undefined,
  };
}
