/** Starting from a draft: one pass over it says what of it the model would rather decide again. */
import { type Canvas, draftCanvas, remask } from "../diffusion/index.ts";
import { bug } from "../error.ts";
import type { ReadDraft } from "./draft.ts";
import type { Use } from "./loan.ts";
import type { RequestOptions } from "./readRequest.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * The canvas with the draft on it, less its least confident tokens: one pass says how sure the model is of each.
 * @throws DiffusionError `invalid-request` if the draft does not fit the answer
 */
export async function startFrom(
  scheduler: Scheduler,
  draft: ReadDraft,
  blank: Canvas,
  { maskToken, maskBlock, sampling, shift, priority }: RequestOptions,
  signal: AbortSignal | undefined,
): Promise<Canvas> {
  const canvas = draftCanvas(blank, draft.tokens, maskToken);
  const length = canvas.tokens.length;
  const use: Use<ReadonlyMap<number, number>> = async (backend, slot) => {
    await backend.commit([{ slot, positions: [...canvas.tokens.keys()], tokens: canvas.tokens }]);
    const positions = draft.tokens.map((_, offset) => canvas.answer.start + offset);
    const gather = positions.map((position) => [canvas.tokens[position]!]);
    const span = { slot, start: 0, end: length, visible: length, maskBlock, origin: 0 };
    const head = { span: 0, positions, shift, maskToken, sampling, step: 0, gather };
    const [rows] = await backend.submit({ spans: [span], head: [head] });
    if (!rows?.gathered) throw bug("The backend gathered no logits although it was asked for them");
    const below = (row: number) => rows.gathered![row]![0]! - rows.bestLogit[row]! - rows.logSumExp[row]!;
    return new Map(positions.map((position, row) => [position, Math.exp(below(row))]));
  };
  const confidences = await scheduler.borrow(length, use, { priority, signal });
  return remask(canvas, confidences, draft.share, maskToken);
}
