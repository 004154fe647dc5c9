/** What the endpoints share that generate something. */
import type { GenerateRequest } from "../../core/index.ts";
import type { AnswerJob } from "../answer/answer.ts";
import { ApiError } from "../apiError.ts";
import type { ChoiceRequest } from "../generation/follow.ts";
import { seedsFrom } from "../generation/plan.ts";
import { mostChoices } from "../schema/index.ts";

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
export function streamOf({
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
