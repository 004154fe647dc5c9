/** Formats one step of a generation as a line of text. */
import type { StepEvent } from "../core/index.ts";
import { printable } from "./terminal.ts";

/** For example `step 3  window 40-168  block 40-72  commits 45 "a" 0.98  46 "b" 1.00`. */
export function stepText(event: StepEvent): string {
  const {
    step,
    window,
    block,
    prefill,
    refresh,
    edits,
    revoked = [],
    positions,
    tokens,
    confidences,
    texts,
  } = event;
  const span = ({ start, end }: StepEvent["window"]) => `${start}-${end}`;
  const edited = edits.positions.map((position, i) =>
    placed(position, edits.tokens[i], edits.confidences[i], undefined),
  );
  const committed = positions.map((position, i) => placed(position, tokens[i], confidences[i], texts?.[i]));
  return [
    prefill ? "prefill" : `step ${step}`,
    `window ${span(window)}${refresh ? " (refresh)" : ""}`,
    ...(prefill ? [] : [`block ${span(block)}`]),
    ...(committed.length > 0 ? [`commits ${committed.join("  ")}`] : []),
    ...(edited.length > 0 ? [`overwrites ${edited.join("  ")}`] : []),
    ...(revoked.length > 0 ? [`revokes ${revoked.join("  ")}`] : []),
  ].join("  ");
}

function placed(
  position: number,
  token: number | undefined,
  confidence: number | undefined,
  text: string | undefined,
): string {
  return `${position} ${tokenText(token, text)} ${confidenceText(confidence)}`;
}

/** The token's text in quotes, or its id if the text is unknown. */
export function tokenText(token: number | undefined, text: string | undefined): string {
  return text === undefined ? `#${token ?? "?"}` : printable(JSON.stringify(text));
}

export function confidenceText(confidence: number | undefined): string {
  return confidence === undefined ? "-" : confidence.toFixed(2);
}
