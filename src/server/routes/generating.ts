/** Functions that all generating endpoints share. */
import type { EngineHandle, EngineInfo, GenerateRequest, InfillSegment } from "../../core/index.ts";
import type { AnswerJob } from "../answer/answer.ts";
import { ApiError } from "../apiError.ts";
import { requireTokenizer, seedsFrom } from "../generation/plan.ts";
import type { ChoiceRequest } from "../generation/streamChoice.ts";
import type { AppContext } from "../observer.ts";
import {
  type DiffusionFields,
  maxChoices,
  type OpenSchema,
  omitNullish,
  readRequest,
} from "../schema/index.ts";
import type { RouteOptions } from "./route.ts";

/** A validated body, its engine, and the parts of the job that do not depend on the endpoint. */
export interface PreparedGeneration<Body> {
  readonly body: Body;
  readonly handle: EngineHandle;
  readonly job: Omit<AnswerJob, "format" | "choices" | "perPrompt">;
}

interface CommonBody extends StreamBody, EngineFields {
  readonly model?: string | undefined;
}

/**
 * Reads and validates the body, and finds its model.
 * @param first checks the body before its fields are validated
 * @throws ApiError
 */
export async function prepareGeneration<Body extends CommonBody>(
  c: AppContext,
  schema: OpenSchema<Body>,
  options: RouteOptions,
  first?: (body: unknown) => void,
): Promise<PreparedGeneration<Body>> {
  const body = withEngineFields(await readRequest(c, schema, options, first));
  const { name, handle } = options.models.choose(c, body.model);
  requireTokenizer(name, handle.info);
  const { heartbeatMs } = options;
  return { body, handle, job: { handle, model: name, heartbeatMs, ...streamOf(body) } };
}

/** Top-level fields of other servers that are settings under `diffusion` here. */
interface EngineFields {
  readonly top_k?: number | undefined;
  readonly min_p?: number | null | undefined;
  readonly stop_token_ids?: readonly number[] | undefined;
  readonly diffusion?: DiffusionFields | null | undefined;
}

/** Moves these fields to `diffusion`. @throws ApiError if a setting has two different values */
function withEngineFields<Body extends EngineFields>(body: Body): Body {
  const moved = omitNullish({ top_k: body.top_k, min_p: body.min_p, stop_tokens: body.stop_token_ids });
  if (Object.keys(moved).length === 0) return body;
  const { diffusion } = body;
  for (const name of ["top_k", "min_p"] as const)
    if ((diffusion?.[name] ?? body[name]) !== body[name])
      refuse(name, `'${name}' and 'diffusion.${name}' are the same setting and must not differ`);
  if (body.stop_token_ids && diffusion?.["stop_tokens"])
    refuse(
      "stop_token_ids",
      "'stop_token_ids' and 'diffusion.stop_tokens' are the same setting: use one of them",
    );
  return { ...body, diffusion: { ...diffusion, ...moved } };
}

/** The engine's request for one prompt. */
export interface PromptRequest {
  readonly request: GenerateRequest;
  /** Text that the response repeats before the answer. */
  readonly echo?: string;
}

/**
 * The choices of all prompts: `n` for each, with consecutive seeds.
 * @throws ApiError if there are too many choices, or a prompt is longer than the context
 */
export function choicesOf(
  info: EngineInfo,
  prompts: readonly PromptRequest[],
  { n, seed }: { readonly n?: number | null | undefined; readonly seed?: number | null | undefined },
): { readonly choices: readonly ChoiceRequest[]; readonly perPrompt: number } {
  for (const { request } of prompts) requireContext(info, request);
  const perPrompt = n ?? 1;
  const count = prompts.length * perPrompt;
  if (count > maxChoices) {
    const message = `Cannot read the request as 'n' times the number of prompts must be at most ${maxChoices}: found ${count}`;
    throw new ApiError(400, "invalid_value", message, { param: "n" });
  }
  const seeds = seedsFrom(seed, count);
  const choices = seeds.map((each, index) => {
    const { request, echo = "" } = prompts[Math.floor(index / perPrompt)]!;
    return { index, echo, request: { ...request, seed: each } };
  });
  return { choices, perPrompt };
}

/** Rejects a request that cannot fit before it is copied to the engine for every choice. @throws ApiError */
export function requireContext(
  { context }: EngineInfo,
  { tokens = [], infill = [], draft }: GenerateRequest,
): void {
  const length = tokens.length + (draft?.tokens?.length ?? 0) + infillLength(infill);
  if (length <= context) return;
  const message = `Cannot run the request as the context has ${context} positions: found ${length}`;
  throw new ApiError(400, "context_length_exceeded", message);
}

/** Positions of an infilling, without its pinned text, which is not encoded yet. */
function infillLength(segments: readonly InfillSegment[]): number {
  let length = 0;
  for (const segment of segments) {
    if (typeof segment === "string") continue;
    if ("maximum" in segment) length += segment.maximum;
    else length += segment.length;
  }
  return length;
}

interface StreamBody {
  readonly stream?: boolean | null | undefined;
  readonly stream_options?:
    | { readonly include_usage?: boolean | undefined; readonly include_steps?: boolean | undefined }
    | null
    | undefined;
}

/** @throws ApiError for stream options without a stream */
function streamOf({
  stream,
  stream_options: options,
}: StreamBody): Pick<AnswerJob, "stream" | "includeUsage" | "includeSteps"> {
  if (options?.include_steps && !stream)
    refuse("stream_options.include_steps", "'stream_options.include_steps' requires 'stream': true");
  return {
    stream: stream ?? false,
    includeUsage: options?.include_usage ?? false,
    includeSteps: options?.include_steps ?? false,
  };
}

/** @throws ApiError 400 for a combination of valid fields that is not supported */
export function refuse(param: string, reason: string): never {
  throw new ApiError(400, "invalid_combination", `Cannot read the request as ${reason}`, { param });
}

export function stopsOf(stop: string | readonly string[] | null | undefined): readonly string[] {
  if (stop === null || stop === undefined) return [];
  return typeof stop === "string" ? [stop] : stop;
}
