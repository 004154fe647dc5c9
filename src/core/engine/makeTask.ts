/** Validates a request and makes a task of it. */
import type { Decoder } from "../decode/index.ts";
import { maxBranches, shortenedCanvas } from "../diffusion/index.ts";
import { DiffusionError } from "../error.ts";
import type { Model } from "../model/index.ts";
import type { EngineSizes, PrefillOptions } from "./backend/sizes.ts";
import { AnswerText } from "./events/answerText.ts";
import { answerCanvas } from "./request/answerCanvas.ts";
import { requireCoupledRows } from "./request/couplings.ts";
import { readDraft } from "./request/draft.ts";
import { Infilling, readSegments, segmentsLength } from "./request/infill.ts";
import { encodePrompt, type TextTools } from "./request/prompt.ts";
import { type RequestOptions, readRequest } from "./request/readRequest.ts";
import { readStrings } from "./request/readValues.ts";
import type { GenerateRequest } from "./request/request.ts";
import type { Scheduler } from "./schedule/scheduler.ts";
import { Task } from "./schedule/task.ts";
import { startFrom } from "./startFrom.ts";

/** The parts of an engine that a request is validated against. */
export interface TaskContext {
  readonly model: Model;
  readonly text: TextTools | undefined;
  readonly sizes: EngineSizes;
  readonly decoders: readonly Decoder[];
  readonly prefill: Required<PrefillOptions>;
  /** Runs the passes that score the tokens of a draft. */
  readonly scheduler: Scheduler;
}

/** @throws DiffusionError `invalid-request`, `text`, `context-exceeded`; with a draft, errors of its passes */
export async function makeTask(
  request: GenerateRequest,
  signal: AbortSignal | undefined,
  { model, text, sizes, decoders, prefill, scheduler }: TaskContext,
): Promise<Task> {
  const acceptedAt = performance.now();
  const options = readRequest(request, model, decoders);
  const tokenizer = text?.tokenizer;
  const stops = readStrings("stop", request.stop);
  if (stops.length > 0 && !tokenizer) {
    throw new DiffusionError("text", "Cannot stop at strings as the model has no tokenizer.json");
  }
  const limits = { maxTokens: sizes.context, signal };
  const prompt = await encodePrompt(request, text, limits);
  const origin = options.gridOrigin === "prompt" ? prompt.length : 0;
  // Check lengths before allocating canvases.
  const segments = request.infill && (await readSegments(request.infill, tokenizer, limits));
  requireContext(sizes, prompt.length, segments ? segmentsLength(segments) : options.genLength);
  const infilling = segments && new Infilling(prompt, segments, options, tokenizer);
  const draft = request.draft && (await readDraft(request.draft, tokenizer, limits));
  const maxPositions = maxPositionsOf(sizes, options);
  const { canvas: blank, extend = undefined } = infilling
    ? { canvas: infilling.canvas }
    : answerCanvas(prompt, options, origin, maxPositions);
  requireTokens(blank.tokens, model);
  requireContext(sizes, blank.tokens.length);
  requireCoupledRows(options, blank);
  if (draft) requireTokens(draft.tokens, model);
  const urgency = { priority: options.priority, acceptedAt, deadlineMs: options.deadlineMs };
  const scored = draft && (await startFrom(scheduler, draft, blank, options, urgency, signal));
  const full = scored?.canvas ?? blank;
  const canvas = options.maxTokens === null ? full : shortenedCanvas(full, options.maxTokens);
  const { forbidden } = infilling ?? {};
  const stopTokens = infilling ? [] : options.stopTokens;
  return new Task({
    options: {
      ...options,
      stopTokens,
      canvas,
      extend,
      origin,
      forbidden,
      prefillTokens: prefill.prefillTokens,
    },
    tokenizer,
    text: tokenizer && !infilling ? () => new AnswerText(tokenizer, stops) : undefined,
    hasStopStrings: stops.length > 0,
    infilling,
    guidance: isGuided(options) ? { scale: options.cfgScale } : undefined,
    signal,
    urgency,
    forwards: scored?.forwards ?? 0,
    queuedMs: scored?.queuedMs ?? 0,
  });
}

/** @throws DiffusionError `context-exceeded` */
export function requireContext({ context }: EngineSizes, promptLength: number, genLength = 0): void {
  const length = promptLength + genLength;
  if (length <= context) return;
  const parts = genLength > 0 ? ` (${promptLength} of the prompt, ${genLength} after it)` : "";
  const message = `Cannot run the request as the context has ${context} positions: found ${length}${parts}`;
  throw new DiffusionError("context-exceeded", message);
}

/** @throws DiffusionError `invalid-request` */
export function requireTokens(ids: readonly number[], { architecture: { vocabulary } }: Model): void {
  const at = ids.findIndex((id) => id >= vocabulary);
  if (at < 0) return;
  const message = `Cannot run the request as token ${ids[at]} at position ${at} is outside the vocabulary of ${vocabulary}`;
  throw new DiffusionError("invalid-request", message);
}

function isGuided({ cfgScale }: RequestOptions): boolean {
  return cfgScale > 0;
}

/**
 * Maximum positions of a sequence. With guidance, a sequence takes its positions twice, in the pool and in a pass; a shadow or branches
 * are behind it.
 */
function maxPositionsOf({ context, capacity }: EngineSizes, options: RequestOptions): number {
  const room = Math.min(capacity.positions, capacity.tokens);
  const slotRoom = isGuided(options) ? Math.floor(room / 2) : room;
  const shadow = options.decoder.declaration.needs?.includes("shadow") ? options.blockLength : 0;
  const branches = maxBranches(options.decoder);
  // Branches of a bidirectional model may be as long as the sequence.
  if (options.maskBlock === Infinity)
    return Math.min(context, Math.floor((slotRoom - shadow) / (1 + branches)));
  return Math.min(context, slotRoom - branches * (options.blockLength + options.shift));
}
