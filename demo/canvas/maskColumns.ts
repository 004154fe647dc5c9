/** How wide a mask has to be for the tokens that may come to stand there. */
import type { Recording } from "../run/index.ts";
import { shownText } from "./shownText.ts";

/** Wider tokens are written narrower until their run has ended. */
const maxColumns = 9;
/** Of the known tokens, the share that fits. */
const fittingShare = 0.8;

/** By the prompt's tokens: the answer's are of the same vocabulary. 1 where every token is a character. */
export function maskColumnsOf(recording: Pick<Recording, "frameCount" | "frame">): number {
  if (recording.frameCount === 0) return 1;
  const widths = recording
    .frame(0)
    .cells.filter(({ isPrompt }) => isPrompt)
    .map(({ text }) => shownText(text))
    .filter(({ isControl, columns }) => !isControl && columns > 0)
    .map(({ columns }) => columns);
  if (widths.length === 0) return 1;
  widths.sort((a, b) => a - b);
  return Math.min(maxColumns, widths[Math.floor(fittingShare * (widths.length - 1))]!);
}
