/** Runs the generations of a request and writes the response: one JSON object, or a stream of events. */
import type { EngineHandle } from "../../core/index.ts";
import { apiErrorOf } from "../apiError.ts";
import { merged } from "../generation/merged.ts";
import { type ChoicePart, type ChoiceRequest, streamChoice } from "../generation/streamChoice.ts";
import type { AppContext, Observation } from "../observer.ts";
import { Choices, type FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";
import { frame, sseResponse, within } from "./sse.ts";
import { generatedCounts, type UsageBody, usageBody } from "./usage.ts";

export interface AnswerJob {
  readonly handle: EngineHandle;
  readonly model: string;
  readonly format: AnswerFormat;
  /** The choices of all prompts, in the order of the prompts. */
  readonly choices: readonly ChoiceRequest[];
  /** Number of choices per prompt. */
  readonly perPrompt: number;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly includeSteps: boolean;
  readonly heartbeatMs: number;
}

/**
 * How long a stream waits for its first part before its status is sent. An error within this time has its own status; a
 * later one, for example after a wait in the queue, becomes an event of the stream.
 */
const firstPartMs = 1000;

/** @throws DiffusionError */
export async function answer(c: AppContext, job: AnswerJob): Promise<Response> {
  const { observation } = c.var;
  const leaving = new AbortController();
  const signal = AbortSignal.any([c.req.raw.signal, leaving.signal]);
  const { handle, choices, includeSteps } = job;
  // One signal per choice: Node warns about a signal with many listeners.
  const parts = merged(
    choices.map((choice) =>
      streamChoice(handle, choice, { signal: AbortSignal.any([signal]), steps: includeSteps }),
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
  // OpenAI sends `usage: null` in all chunks before the last.
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
    const apiError = apiErrorOf(error);
    if (apiError.status === 499) observation.noteAbort();
    observation.note({ errorCode: apiError.code });
    yield frame(apiError.body);
  } finally {
    end();
    parts.return().catch(() => {});
    observation.end(200);
  }
}

/** An event about a decode step. Its empty `choices` make clients that only know chunks skip it. */
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

/** Length of the canvas, including its extensions; for infilling, the total length of the holes. */
function canvasLength(
  genLength: number | undefined,
  { done: { holes, canvas, usage } }: FinishedChoice,
): number {
  if (holes) return holes.reduce((sum, { start, end }) => sum + end - start, 0);
  return Math.max(genLength ?? 0, canvas.length - usage.promptTokens);
}
