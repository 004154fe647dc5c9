/** The numbers of a run by frame, for charts. */
import type { Recording } from "./recording.ts";

/** One number for each frame. */
export interface Series {
  readonly forwards: readonly number[];
  readonly masksLeft: readonly number[];
  /** Positions decided so far. */
  readonly committed: readonly number[];
  /** Tokens of the answer so far, up to the first stop token of each hole. */
  readonly tokens: readonly number[];
  /** Commits and edits of the frame's own pass. */
  readonly commits: readonly number[];
  readonly edits: readonly number[];
  /** Duration of the frame's own pass, and of all passes so far. */
  readonly ms: readonly number[];
  readonly elapsedMs: readonly number[];
}

export declare function seriesOf(recording: Recording): Series;
