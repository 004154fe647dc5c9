/**
 * A run as a height field: by frame and position, how sure the model was of what it put there. A pure function of the recording.
 *
 * Under a mask stands the confidence of the pass's best guess. A commit or an edit keeps its own confidence from its pass on.
 * Given tokens are certain: 1. Where the model said nothing stands 0: under a mask without a guess, behind a stop where
 * tokens are filled in without a decision, and where a position was not there yet.
 */
import type { Recording } from "../run/index.ts";

/** What stands at a place of the field. */
export const kinds = { absent: 0, mask: 1, guess: 2, commit: 3, edit: 4, fill: 5, given: 6 } as const;

export interface Surface {
  /** Positions of the answer. */
  readonly columns: number;
  /** Frames. */
  readonly rows: number;
  /** The position of column 0. */
  readonly start: number;
  /** [rows × columns], from 0 to 1. */
  readonly confidences: Float64Array;
  /** [rows × columns], from 0 to 1: `heightOf` of the confidences. */
  readonly heights: Float32Array<ArrayBuffer>;
  /** [rows × columns], of `kinds`. */
  readonly kinds: Uint8Array;
  /** [rows × columns]: the frame that wrote the token; 0 for masks and given tokens. */
  readonly writtenAt: Uint32Array;
}

export function surfaceOf(recording: Recording): Surface {
  const start = recording.promptEnd;
  const columns = Math.max(0, recording.length - start);
  const rows = recording.frameCount;
  const surface: Surface = {
    columns,
    rows,
    start,
    confidences: new Float64Array(rows * columns),
    heights: new Float32Array(rows * columns),
    kinds: new Uint8Array(rows * columns),
    writtenAt: new Uint32Array(rows * columns),
  };
  for (let column = 0; column < columns; column++) fillColumn(surface, recording, column);
  for (const [at, confidence] of surface.confidences.entries()) surface.heights[at] = heightOf(confidence);
  return surface;
}

/** As many nines have the full height. */
const nines = 4;

/** 90 %, 99 %, 99.9 % and 99.99 % are equally far from one another: most of a run lies between them, where doubt falls tenfold each time. */
export function heightOf(confidence: number): number {
  return Math.min(1, -Math.log10(Math.max(1 - confidence, 1e-9)) / nines);
}

/** Walks the frames of a position beside its guesses and writes, which ascend by frame. */
function fillColumn(surface: Surface, recording: Recording, column: number): void {
  const position = surface.start + column;
  const guesses = recording.guessesAt(position);
  const writes = recording.writesAt(position);
  const isGiven = !recording.isUndecidedAtStart(position);
  let guessCount = 0;
  let writeCount = 0;
  for (let row = recording.firstFrameOf(position); row < surface.rows; row++) {
    while (guessCount < guesses.length && guesses[guessCount]!.frame <= row) guessCount++;
    while (writeCount < writes.length && writes[writeCount]!.frame <= row) writeCount++;
    const last = writes[writeCount - 1];
    const guess = guesses[guessCount - 1];
    const at = row * surface.columns + column;
    if (last && last.kind !== "revoke") {
      surface.kinds[at] = kinds[last.kind];
      surface.confidences[at] = last.kind === "fill" ? 0 : (last.confidence ?? 1);
      surface.writtenAt[at] = last.frame;
    } else if (isGiven) {
      surface.kinds[at] = kinds.given;
      surface.confidences[at] = 1;
    } else {
      const isOfMask = guess !== undefined && guess.frame >= (last?.frame ?? 0);
      surface.kinds[at] = isOfMask ? kinds.guess : kinds.mask;
      surface.confidences[at] = isOfMask ? guess.confidence : 0;
    }
  }
}
