/** What is selected and what was edited, in words. */
import { countKinds, type Draft } from "./draft.ts";

export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Empty for no cells. */
export function selectionText(count: number): string {
  return count === 0 ? "" : `${countText(count, "cell")} selected`;
}

/** What the next run does with a draft. */
export function draftText(draft: Draft): string {
  const { mask, typed } = countKinds(draft);
  const open =
    mask === 0 ? "no mask is open" : `${countText(mask, "mask")} ${mask === 1 ? "is" : "are"} open`;
  const typedText = typed === 0 ? "" : `, ${countText(typed, "token")} typed in`;
  return `Edited: ${open}${typedText}, and the rest stays.`;
}
