/** Runs the generations of a request and writes the response: one JSON object, or a stream of events. */
import type { EngineHandle } from "../../core/index.ts";
import { merged } from "../generation/merged.ts";
import { type ChoicePart, type ChoiceRequest, streamChoice } from "../generation/streamChoice.ts";
import type { AppContext, Observation } from "../observer.ts";
import { Choices, type FinishedChoice } from "./choice.ts";
import type { AnswerFormat } from "./format.ts";
import { frame } from "./sse.ts";
import { streamAnswer } from "./streamAnswer.ts";
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
    const frames = new ChunkFrames(observation, job, collected, head);
    const { heartbeatMs } = job;
    return streamAnswer(c, parts, {
      framesOf: (part) => frames.of(part),
      last: () => frames.last(),
      leaving,
      heartbeatMs,
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

/** The frames of a stream in the format of the OpenAI API. */
class ChunkFrames {
  readonly #observation: Observation;
  readonly #job: AnswerJob;
  readonly #collected: Choices;
  readonly #head: object;

  constructor(observation: Observation, job: AnswerJob, collected: Choices, head: object) {
    this.#observation = observation;
    this.#job = job;
    this.#collected = collected;
    this.#head = head;
  }

  *of(part: ChoicePart): Generator<string> {
    const { format, includeSteps } = this.#job;
    noteFirst(this.#observation, part);
    const finished = this.#collected.take(part);
    if (part.type === "start") {
      const opening = format.opening(part.index);
      if (opening) yield this.#chunk([opening]);
    } else if (part.type === "step") yield this.#step(part.index, "diffusion.step", part.report);
    else if (part.type === "delta") yield this.#chunk([format.delta(part.index, part.text, part.tokens)]);
    if (!finished) return;
    yield this.#chunk([format.closing(finished)]);
    if (includeSteps) yield this.#step(finished.index, "diffusion.step_map", { steps: finished.steps });
  }

  *last(): Generator<string> {
    const { finished } = this.#collected;
    const { perPrompt, includeUsage } = this.#job;
    this.#observation.note({ generated: generatedCounts(finished, perPrompt) });
    if (includeUsage) yield this.#chunk([], { usage: usageOf(this.#job, finished) });
  }

  /** OpenAI sends `usage: null` in all chunks before the last. */
  #chunk(choices: readonly object[], rest: object = this.#job.includeUsage ? { usage: null } : {}): string {
    return frame({ ...this.#head, object: this.#job.format.chunkObject, choices, ...rest });
  }

  /** An event about a decode step. Its empty `choices` make clients that only know chunks skip it. */
  #step(index: number, object: string, report: object): string {
    return frame({ ...this.#head, object, choices: [], index, ...report }, object);
  }
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
