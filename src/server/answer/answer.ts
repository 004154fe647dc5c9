/** Answers a request that has been read: as a whole, or as a stream. */
import type { EngineHandle } from "../../core/index.ts";
import { apiErrorOf } from "../apiError.ts";
import { type ChoicePart, type ChoiceRequest, follow } from "../generation/follow.ts";
import { merged } from "../generation/merged.ts";
import type { AppContext, Observation } from "../observer.ts";
import { Choices, type FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";
import { frame, sseResponse, within } from "./sse.ts";
import { generatedCounts, type UsageBody, usageBody } from "./usage.ts";

export interface AnswerJob {
  readonly handle: EngineHandle;
  readonly model: string;
  readonly format: AnswerFormat;
  /** All choices, those of the first prompt first. */
  readonly choices: readonly ChoiceRequest[];
  /** Choices of each prompt. */
  readonly perPrompt: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly includeSteps: boolean;
  readonly heartbeatMs: number;
}

/** Errors that come so soon are a status; those that come later, as from a full queue, are told in the stream. */
const firstPartMs = 1000;

/** @throws DiffusionError */
export async function answer(c: AppContext, job: AnswerJob): Promise<Response> {
  const { observation } = c.var;
  const leaving = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, leaving.signal]);
  const { handle, choices, includeSteps } = job;
  // A signal each: Node warns of one that many listen to.
  const parts = merged(
    choices.map((choice) =>
      follow(handle, choice, { signal: AbortSignal.any([signal]), steps: includeSteps }),
    ),
  );
  const collected = new Choices();
  const head = {
    id: `${job.format.idPrefix}-${crypto.randomUUID().replaceAll("-", "")}`,
    object: job.format.object,
    created: Math.floor(Date.now() / 1000),
    model: job.model,
  };
  if (job.stream) {
    const first = parts.next();
    try {
      await within(first, firstPartMs);
    } catch (error) {
      leaving.abort();
      throw error;
    }
    observation.noteStream();
    const frames = streamFrames(observation, job, {
      first,
      parts,
      collected,
      head,
      end: () => leaving.abort(),
    });
    return sseResponse(frames, {
      heartbeatMs: job.heartbeatMs,
      onCancel: () => {
        leaving.abort();
        observation.noteAbort();
        observation.end(200);
      },
    });
  }
  try {
    for await (const part of parts) {
      noteFirst(observation, part);
      collected.take(part);
    }
  } finally {
    leaving.abort();
  }
  const { finished } = collected;
  observation.note({ generated: generatedCounts(finished, job.perPrompt) });
  const body = { ...head, choices: finished.map(job.format.whole), usage: usageOf(job, finished) };
  return c.json(body);
}

interface Streaming {
  readonly first: Promise<IteratorResult<ChoicePart, void>>;
  readonly parts: AsyncGenerator<ChoicePart, void, undefined>;
  readonly collected: Choices;
  readonly head: object;
  readonly end: () => void;
}

async function* streamFrames(
  observation: Observation,
  job: AnswerJob,
  { first, parts, collected, head, end }: Streaming,
): AsyncGenerator<string, void, undefined> {
  const usageField = job.includeUsage ? { usage: null } : {};
  const chunk = (choices: readonly object[], rest: object = usageField) =>
    frame({ ...head, object: job.format.chunkObject, choices, ...rest });
  try {
    for (let next = await first; !next.done; next = await parts.next()) {
      const part = next.value;
      noteFirst(observation, part);
      const finished = collected.take(part);
      if (part.type === "start") {
        const opening = job.format.opening(part.index);
        if (opening) yield chunk([opening]);
      } else if (part.type === "step") yield stepFrame(head, part.index, "diffusion.step", part.report);
      else if (part.type === "delta") yield chunk([job.format.delta(part.index, part.text, part.tokens)]);
      if (!finished) continue;
      yield chunk([job.format.closing(finished)]);
      if (job.includeSteps)
        yield stepFrame(head, finished.index, "diffusion.step_map", { steps: finished.steps });
    }
    const { finished } = collected;
    observation.note({ generated: generatedCounts(finished, job.perPrompt) });
    if (job.includeUsage) yield chunk([], { usage: usageOf(job, finished) });
    yield frame("[DONE]");
  } catch (error) {
    const refusal = apiErrorOf(error);
    if (refusal.status === 499) observation.noteAbort();
    observation.note({ errorCode: refusal.code });
    yield frame(refusal.body);
  } finally {
    end();
    parts.return().catch(() => {});
    observation.end(200);
  }
}

/** `choices` is empty so that clients which read chunks alone find nothing in it. */
function stepFrame(head: object, index: number, object: string, report: object): string {
  return frame({ ...head, object, choices: [], index, ...report }, object);
}

function noteFirst(observation: Observation, part: ChoicePart): void {
  if (part.type === "done" || (part.type === "delta" && part.text !== "")) observation.noteToken();
}

function usageOf(job: AnswerJob, finished: readonly FinishedChoice[]): UsageBody {
  const requests = job.choices.map(({ request }) => request);
  return usageBody(finished, job.perPrompt, {
    canvas: requests.map(({ genLength }, choice) => canvasLength(genLength, finished[choice]!)),
    seeds: requests.map(({ seed }) => seed!),
  });
}

/** Positions that were masked at the start or followed a full canvas; of an infilling, those of its holes. */
function canvasLength(
  genLength: number | undefined,
  { done: { holes, canvas, usage } }: FinishedChoice,
): number {
  if (holes) return holes.reduce((sum, { start, end }) => sum + end - start, 0);
  return Math.max(genLength ?? 0, canvas.length - usage.promptTokens);
}
