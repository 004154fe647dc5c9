/** A draft as the `infill` of a request: token ids for what is pinned, so that no text is encoded anew, and holes for masks. */
import type { InfillSegment } from "../../src/core/index.ts";
import type { Draft, DraftCell } from "./draft.ts";

/**
 * A hole before text is filled to its last position. A hole at the end of the answer may end before, with a stop token.
 * @param stopTokens tokens that end an answer
 */
export function infillOf({ cells }: Draft, stopTokens: readonly number[]): readonly InfillSegment[] {
  const segments: InfillSegment[] = [];
  for (let start = 0; start < cells.length; ) {
    const isHole = cells[start]!.kind === "mask";
    let end = start + 1;
    while (end < cells.length && (cells[end]!.kind === "mask") === isHole) end++;
    if (isHole) segments.push(holeOf(end - start, cells[end], stopTokens));
    else segments.push(cells.slice(start, end).map((cell) => tokenOf(cell)!));
    start = end;
  }
  return segments;
}

function holeOf(length: number, next: DraftCell | undefined, stopTokens: readonly number[]): InfillSegment {
  const token = next && tokenOf(next);
  return token === undefined || stopTokens.includes(token) ? { maximum: length } : { length };
}

/** Undefined for a mask. */
export function tokenOf(cell: DraftCell): number | undefined {
  switch (cell.kind) {
    case "kept":
      return cell.cell.token;
    case "typed":
      return cell.token.token;
    case "mask":
      return undefined;
  }
}
