import type { FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";

/** Format of /v1/infill. Holes are sent once all are filled, as their text is not final before; drafts are streamed. */
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
