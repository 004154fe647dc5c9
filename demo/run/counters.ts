/** The numbers of a run at a frame. */
import type { Series } from "./series.ts";

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

/** @param series of the run, as it stands: `seriesOf` */
export function countersAt(series: Series, frame: number): Counters {
  const forwards = series.forwards[frame]!;
  const elapsedMs = series.elapsedMs[frame]!;
  const tokens = series.tokens[frame]!;
  return {
    forwards,
    prefills: frame - forwards,
    masksLeft: series.masksLeft[frame]!,
    committed: series.committed[frame]!,
    tokens,
    elapsedMs,
    tokensPerForward: forwards > 0 ? tokens / forwards : undefined,
    tokensPerSecond: elapsedMs > 0 ? (1000 * tokens) / elapsedMs : undefined,
    msPerForward: forwards > 0 ? series.forwardMs[frame]! / forwards : undefined,
  };
}
