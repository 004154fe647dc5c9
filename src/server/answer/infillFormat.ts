import type { FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";

/** Holes come when all of them are filled: their text is not final before. A draft's answer comes as it grows. */
export const infillFormat: AnswerFormat = {
  idPrefix: "infill",
  object: "infill",
  chunkObject: "infill.chunk",
  whole,
  opening: () => undefined,
  delta: (index, text) => ({ index, text, finish_reason: null }),
  closing: (choice) =>
    choice.done.holes ? whole(choice) : { index: choice.index, text: "", finish_reason: choice.done.reason },
};

function whole({ index, text, done }: FinishedChoice): object {
  const { holes, reason } = done;
  if (!holes) return { index, text, finish_reason: reason };
  return {
    index,
    text: done.text ?? "",
    holes: holes.map((hole) => ({ text: hole.text ?? "", tokens: hole.tokens })),
    finish_reason: reason,
  };
}
