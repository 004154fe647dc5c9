/** What the endpoints share that generate something. */
import type { EngineHandle, EngineInfo, GenerateRequest, InfillSegment } from "../../core/index.ts";
import type { AnswerJob } from "../answer/answer.ts";
import { ApiError } from "../apiError.ts";
import type { ChoiceRequest } from "../generation/follow.ts";
import { requireTokenizer, seedsFrom } from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import { type DiffusionFields, given, mostChoices, type OpenSchema, readRequest } from "../schema/index.ts";
import type { RouteOptions } from "./route.ts";

/** A body that was checked, and what of the answer does not depend on the endpoint. */
export interface Opened<Body> {
  readonly body: Body;
  readonly handle: EngineHandle;
  readonly job: Omit<AnswerJob, "format" | "choices" | "perPrompt">;
}

interface CommonBody extends StreamBody, EngineFields {
  readonly model?: string | undefined;
}

/** @throws ApiError */
export async function opened<Body extends CommonBody>(
  c: AppContext,
  schema: OpenSchema<Body>,
  options: RouteOptions,
  first?: (body: unknown) => void,
): Promise<Opened<Body>> {
  const body = withEngineFields(await readRequest(c, schema, options, first));
  const { name, handle } = options.models.choose(c, body.model);
  requireTokenizer(name, handle.info);
  const { heartbeatMs } = options;
  return { body, handle, job: { handle, model: name, heartbeatMs, ...streamOf(body) } };
}

/** Fields of other servers that the engine has under another name. */
interface EngineFields {
  readonly top_k?: number | undefined;
  readonly min_p?: number | null | undefined;
  readonly stop_token_ids?: readonly number[] | undefined;
  readonly diffusion?: DiffusionFields | null | undefined;
}

/** The body with all that is the engine's under `diffusion`. @throws ApiError where both say something */
function withEngineFields<Body extends EngineFields>(body: Body): Body {
  const moved = given({ top_k: body.top_k, min_p: body.min_p, stop_tokens: body.stop_token_ids });
  if (Object.keys(moved).length === 0) return body;
  const { diffusion } = body;
  for (const name of ["top_k", "min_p"] as const)
    if ((diffusion?.[name] ?? body[name]) !== body[name])
      refuse(name, `'${name}' and 'diffusion.${name}' say the same, and differ`);
  if (body.stop_token_ids && diffusion?.["stop_tokens"])
    refuse("stop_token_ids", "'stop_token_ids' and 'diffusion.stop_tokens' say the same");
  return { ...body, diffusion: { ...diffusion, ...moved } };
}

export interface Prompted {
  readonly request: GenerateRequest;
  readonly echo?: string;
}

/**
 * The choices of all prompts: `n` of each, with seeds one after the other.
 * @throws ApiError if they are too many, or a prompt is longer than the context
 */
export function choicesOf(
  info: EngineInfo,
  prompted: readonly Prompted[],
  { n, seed }: { readonly n?: number | null | undefined; readonly seed?: number | null | undefined },
): { readonly choices: readonly ChoiceRequest[]; readonly perPrompt: number } {
  for (const { request } of prompted) requireContext(info, request);
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

/** Every choice takes its request to the engine, so one that cannot fit is refused before. @throws ApiError */
function requireContext({ context }: EngineInfo, { tokens = [], infill = [], draft }: GenerateRequest): void {
  const length = tokens.length + (draft?.tokens?.length ?? 0) + infillLength(infill);
  if (length <= context) return;
  const message = `Cannot run the request as the context has ${context} positions: found ${length}`;
  throw new ApiError(400, "context_length_exceeded", message);
}

/** Positions of an infilling; of pinned text, which is not encoded yet, none. */
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

/** @throws ApiError for what only a stream has */
function streamOf({
  stream,
  stream_options: options,
}: StreamBody): Pick<AnswerJob, "stream" | "includeUsage" | "includeSteps"> {
  if (options?.include_steps && !stream)
    refuse("stream_options.include_steps", "steps are told in a stream, and 'stream' is not true");
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
