/** The ground of a committed cell: by its confidence, or by its age. */
import type { Cell, Frame } from "../run/index.ts";
import type { Palette } from "./palette.ts";

export type ColorBy = "confidence" | "age";

/** Passes for which a commit is recent. */
const recentPasses = 4;

export function groundOf(
  { confidence, writtenAt }: Pick<Cell, "confidence" | "writtenAt">,
  { index }: Pick<Frame, "index">,
  palette: Pick<Palette, "confidence" | "age">,
  colorBy: ColorBy,
): string {
  if (colorBy === "confidence") return confidenceColor(confidence ?? 1, palette.confidence);
  const age = index - (writtenAt ?? 0);
  if (age <= 0) return palette.age.fresh;
  return age <= recentPasses ? palette.age.recent : palette.age.old;
}

/** Half of the colours are for confidences above 0.9, where most commits are. */
function confidenceColor(confidence: number, colors: readonly string[]): string {
  const share = confidence < 0.9 ? (confidence / 0.9) * 0.5 : 0.5 + (confidence - 0.9) * 5;
  return colors[Math.min(colors.length - 1, Math.floor(share * colors.length))]!;
}
