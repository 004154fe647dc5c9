/** What happened at one position, for a person who points at it. */
import type { CellChange } from "./frame.ts";
import type { Recording } from "./recording.ts";

export interface HistoryEntry {
  /** Index of the frame. */
  readonly frame: number;
  readonly kind: "guess" | CellChange;
  readonly token: number;
  readonly text: string;
  readonly confidence: number | undefined;
  /** The best tokens beside it with their probabilities, the best first; empty unless the request asked for log-probabilities. */
  readonly alternatives: readonly {
    readonly token: number;
    readonly text: string;
    readonly probability: number;
  }[];
}

/** In order, up to a frame. */
export function historyOf(
  recording: Recording,
  position: number,
  upTo = recording.frameCount - 1,
): readonly HistoryEntry[] {
  const guesses = recording.guessesAt(position).map((guess): HistoryEntry => {
    return { ...guess, kind: "guess", text: recording.textOf(guess.token), alternatives: [] };
  });
  const writes = recording
    .writesAt(position)
    .map(({ frame, kind, token, confidence, logprobs }): HistoryEntry => {
      const alternatives = (logprobs?.top ?? []).map((entry) => ({
        token: entry.token,
        text: recording.textOf(entry.token),
        probability: Math.exp(entry.logprob),
      }));
      return { frame, kind, token, text: recording.textOf(token), confidence, alternatives };
    });
  return [...guesses, ...writes].filter(({ frame }) => frame <= upTo).sort((a, b) => a.frame - b.frame);
}
