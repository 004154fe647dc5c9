/** What the endpoints share that generate something. */
import type * as z from "zod";
import type { EngineHandle, GenerateRequest } from "../../core/index.ts";
import type { AnswerJob } from "../answer/answer.ts";
import { ApiError } from "../apiError.ts";
import type { ChoiceRequest } from "../generation/follow.ts";
import { requireTokenizer, seedsFrom } from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import { mostChoices, validBody } from "../schema/index.ts";
import type { RouteOptions } from "./route.ts";

/** A body that was checked, and what of the answer does not depend on the endpoint. */
export interface Opened<Body> {
  readonly body: Body;
  readonly handle: EngineHandle;
  readonly job: Omit<AnswerJob, "format" | "choices" | "perPrompt">;
}

/** @throws ApiError */
export function opened<Body extends StreamBody & { readonly model: string }>(
  c: AppContext,
  json: unknown,
  schema: z.ZodType<Body>,
  { models, heartbeatMs }: RouteOptions,
): Opened<Body> {
  const body = validBody(json, schema);
  const { name, handle } = models.choose(c, body.model);
  requireTokenizer(name, handle.info);
  return { body, handle, job: { handle, model: name, heartbeatMs, ...streamOf(body) } };
}

export interface Prompted {
  readonly request: GenerateRequest;
  readonly echo?: string;
}

/** The choices of all prompts: `n` of each, with seeds one after the other. @throws ApiError if they are too many */
export function choicesOf(
  prompted: readonly Prompted[],
  { n, seed }: { readonly n?: number | null | undefined; readonly seed?: number | null | undefined },
): { readonly choices: readonly ChoiceRequest[]; readonly perPrompt: number } {
  const perPrompt = n ?? 1;
  const count = prompted.length * perPrompt;
  if (count > mostChoices) {
    const message = `Cannot read the request as 'n' times its prompts must be at most ${mostChoices}: found ${count}`;
    throw new ApiError(400, "invalid_value", message, { param: "n" });
  }
  const seeds = seedsFrom(seed, count);
  const choices = seeds.map((each, index) => {
    const { request, echo = "" } = prompted[Math.floor(index / perPrompt)]!;
    return { index, echo, request: { ...request, seed: each } };
  });
  return { choices, perPrompt };
}

interface StreamBody {
  readonly stream?: boolean | null | undefined;
  readonly stream_options?:
    | { readonly include_usage?: boolean | undefined; readonly include_steps?: boolean | undefined }
    | null
    | undefined;
}

/** @throws ApiError for options of a stream that is none */
function streamOf({
  stream,
  stream_options: options,
}: StreamBody): Pick<AnswerJob, "stream" | "includeUsage" | "includeSteps"> {
  if (options && !stream)
    refuse("stream_options", "'stream_options' says how to stream, and 'stream' is not true");
  return {
    stream: stream ?? false,
    includeUsage: options?.include_usage ?? false,
    includeSteps: options?.include_steps ?? false,
  };
}

/** @throws ApiError 400: what is valid in its parts and not together */
export function refuse(param: string, why: string): never {
  throw new ApiError(400, "invalid_combination", `Cannot read the request as ${why}`, { param });
}

export function stopsOf(stop: string | readonly string[] | null | undefined): readonly string[] {
  if (stop === null || stop === undefined) return [];
  return typeof stop === "string" ? [stop] : stop;
}
