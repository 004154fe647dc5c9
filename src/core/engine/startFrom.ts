/** Starting from a draft: up to two passes score its tokens, and the least confident ones are masked. */
import { type Canvas, draftCanvas, remask } from "../diffusion/index.ts";
import { bug, DiffusionError } from "../error.ts";
import { type Backend, gatheredLogits, type SlotId } from "../tensor/index.ts";
import type { ReadDraft } from "./request/draft.ts";
import type { RequestOptions } from "./request/readRequest.ts";
import type { Scheduler } from "./schedule/scheduler.ts";
import type { Urgency } from "./schedule/urgency.ts";

/** The canvas of a draft, and the cost of scoring the draft. */
export interface DraftStart {
  readonly canvas: Canvas;
  /** Passes that scored the draft. */
  readonly forwards: number;
  /** Time that the scoring passes waited in the queue, ms. */
  readonly queuedMs: number;
}

/**
 * Places the draft on the canvas and masks its least confident tokens. A model is overconfident about tokens that it sees, so
 * each token is scored while it is masked: the tokens at even offsets in one pass, those at odd offsets in another.
 * @throws DiffusionError `invalid-request` if the draft does not fit the answer, `deadline-exceeded`
 */
export async function startFrom(
  scheduler: Scheduler,
  draft: ReadDraft,
  blank: Canvas,
  options: RequestOptions,
  urgency: Urgency,
  signal: AbortSignal | undefined,
): Promise<DraftStart> {
  const { maskToken } = options;
  const canvas = draftCanvas(blank, draft.tokens, maskToken);
  const positions = draft.tokens.map((_, offset) => canvas.answer.start + offset);
  const halves = [0, 1].map((parity) => positions.filter((_, offset) => offset % 2 === parity));
  const scored = halves.filter((half) => half.length > 0);
  if (options.maxForwards !== null && options.maxForwards < scored.length) {
    const message = `Cannot start from the draft as 'maxForwards' must be at least the ${scored.length} passes that score it: found ${options.maxForwards}`;
    throw new DiffusionError("invalid-request", message);
  }
  let queuedMs = 0;
  const use = async (backend: Backend, slot: SlotId) => {
    queuedMs ||= performance.now() - urgency.acceptedAt;
    const confidences = new Map<number, number>();
    for (const half of scored)
      for (const [position, confidence] of await confidencesOf(backend, slot, canvas, half, options))
        confidences.set(position, confidence);
    return confidences;
  };
  const confidences = await scheduler.runExclusive(canvas.tokens.length, use, { urgency, signal });
  return {
    canvas: remask(canvas, confidences, draft.remaskFraction, maskToken),
    forwards: scored.length,
    queuedMs,
  };
}

/** The model's confidences in the tokens at some positions while these positions are masked, computed in one pass. */
async function confidencesOf(
  backend: Backend,
  slot: SlotId,
  { tokens }: Canvas,
  positions: readonly number[],
  { maskToken, maskBlock, sampling, shift }: RequestOptions,
): Promise<readonly (readonly [number, number])[]> {
  const hidden = new Set(positions);
  const visible = tokens.map((token, position) => (hidden.has(position) ? maskToken : token));
  await backend.commit([{ slot, positions: [...tokens.keys()], tokens: visible }]);
  const length = tokens.length;
  const span = { slot, start: 0, end: length, visible: length, maskBlock, origin: 0 };
  const gather = positions.map((position) => [tokens[position]!]);
  const head = { span: 0, positions, shift, maskToken, sampling, step: 0, gather };
  const { gathered, bestLogit, logSumExp } = await backend.submit({ spans: [span], head: [head] });
  if (!gathered) throw bug("The backend gathered no logits although the head request names tokens");
  return positions.map((position, row) => {
    const [logit] = gatheredLogits(gathered, row);
    return [position, Math.exp(logit! - bestLogit[row]! - logSumExp[row]!)] as const;
  });
}
