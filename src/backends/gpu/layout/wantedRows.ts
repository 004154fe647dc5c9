/** The wanted rows of a pass, and the single logits that the host asks for, as words. The host lists both where it decides. */
import { DiffusionError } from "../../../core/error.ts";
import { type ForwardPass, firstPosition, type HeadRequest } from "../../../core/tensor/index.ts";
import {
  constants,
  gatherListLayout,
  gatherPairLayout,
  wantedRowLayout,
  writeStructure,
} from "../../layout/index.ts";

/** By span: the index of its first position among the pass's tokens. */
export function spanRows(step: Pick<ForwardPass, "spans">): readonly number[] {
  let row = 0;
  return step.spans.map(({ start, end }) => {
    const own = row;
    row += end - start;
    return own;
  });
}

/** Writes the wanted rows of a pass to `words` from 0 on. */
export function writeWantedRows(step: ForwardPass, words: Uint32Array): void {
  const rows = spanRows(step);
  let at = 0;
  step.head.forEach(({ span, positions, shift, guidance }, request) => {
    const source = rows[span]! - firstPosition(step.spans[span]!);
    const other = guidance && rows[guidance.span]! - firstPosition(step.spans[guidance.span]!);
    for (const position of positions) {
      const predicting = Math.max(0, position - shift);
      writeStructure(words, at, wantedRowLayout, {
        token: source + predicting,
        guidanceToken: other === undefined ? constants.none : other + predicting,
        request,
        position,
      });
      at += wantedRowLayout.words;
    }
  });
}

/** The list of the logits that the requests gather. @throws DiffusionError `out-of-memory` if there are too many */
export function gatherListOf(
  head: readonly HeadRequest[],
  count: number,
  maxPairs: number,
): Uint32Array<ArrayBuffer> {
  if (count > maxPairs) {
    const message = `Cannot gather the logits of a pass as there are too many: at most ${maxPairs}, found ${count}`;
    throw new DiffusionError("out-of-memory", message);
  }
  const words = new Uint32Array(gatherListWords(count));
  writeStructure(words, 0, gatherListLayout, { pairCount: count });
  let firstRow = 0;
  let at = gatherListLayout.words;
  for (const { positions, gather } of head) {
    gather?.forEach((tokens, index) => {
      for (const token of tokens) {
        writeStructure(words, at, gatherPairLayout, { row: firstRow + index, token });
        at += gatherPairLayout.words;
      }
    });
    firstRow += positions.length;
  }
  return words;
}

/** Words of a list of this many logits. */
export function gatherListWords(count: number): number {
  return gatherListLayout.words + count * gatherPairLayout.words;
}
