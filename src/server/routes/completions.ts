/** POST /v1/completions */
import { type EngineHandle, type GenerateRequest, genLengthOf } from "../../core/index.ts";
import { answer } from "../answer/answer.ts";
import { completionFormat } from "../answer/completionFormat.ts";
import { suffixFormat } from "../answer/suffixFormat.ts";
import { generationRequest, promptTokens, roomFor, settingsRequest, textTokens } from "../generation/plan.ts";
import type { AppContext } from "../observer.ts";
import { type CompletionsBody, type OpenSchema, unlimitedTokens } from "../schema/index.ts";
import { choicesOf, type PromptRequest, prepareGeneration, refuse, stopsOf } from "./generating.ts";
import type { RouteOptions } from "./route.ts";

type OnePrompt = string | readonly number[];

export async function completions(
  c: AppContext,
  schema: OpenSchema<CompletionsBody>,
  options: RouteOptions,
): Promise<Response> {
  const { body, handle, job } = await prepareGeneration(c, schema, options, refuseLikelihoods);
  const { best_of: best, n } = body;
  if (typeof best === "number" && best > (n ?? 1))
    refuse("best_of", "'best_of' must be at most 'n', as all choices are returned");
  const hasSuffix = typeof body.suffix === "string";
  if (hasSuffix) requireNoPromptOutput(body);
  const toRequest = hasSuffix ? infillRequestOf : completionRequestOf;
  const requests = await Promise.all(promptsOf(body.prompt).map((prompt) => toRequest(handle, prompt, body)));
  const logprobs = typeof body.logprobs === "number";
  return answer(c, {
    ...job,
    format: hasSuffix ? suffixFormat(stopsOf(body.stop)) : completionFormat(logprobs),
    ...choicesOf(handle.info, requests, body),
  });
}

/** Evaluation harnesses combine `echo` and `logprobs` to get the likelihood of a text. @throws ApiError 400 */
function refuseLikelihoods(json: unknown): void {
  const { echo, logprobs } = (json ?? {}) as { readonly echo?: unknown; readonly logprobs?: unknown };
  if (echo !== true || logprobs === undefined) return;
  const reason = "a diffusion model cannot compute the likelihood of a given text";
  refuse("logprobs", `'echo' with 'logprobs' requests log-probabilities of the prompt, and ${reason}`);
}

function promptsOf(prompt: CompletionsBody["prompt"]): readonly OnePrompt[] {
  if (typeof prompt === "string") return [prompt];
  return typeof prompt[0] === "number" ? [prompt as readonly number[]] : (prompt as readonly OnePrompt[]);
}

async function completionRequestOf(
  handle: EngineHandle,
  prompt: OnePrompt,
  body: CompletionsBody,
): Promise<PromptRequest> {
  const tokens = await promptTokens(handle, prompt);
  const request = generationRequest(handle.info, tokens, body, {
    maxTokens: body.max_tokens ?? undefined,
    stop: stopsOf(body.stop),
    topLogprobs: body.logprobs ?? undefined,
  });
  if (!body.echo) return { request };
  return { request, echo: typeof prompt === "string" ? prompt : await handle.detokenize(prompt) };
}

/** A prompt, a hole and the suffix. The hole is as long as a canvas would be, as there is room, or as the limit allows. */
/** A request with a suffix is an infilling with one hole. */
async function infillRequestOf(
  handle: EngineHandle,
  prompt: OnePrompt,
  body: CompletionsBody,
): Promise<PromptRequest> {
  const tokens = await promptTokens(handle, prompt);
  const suffix = await textTokens(handle, body.suffix!);
  const request: GenerateRequest = settingsRequest(body);
  const room = roomFor(handle.info, tokens.length + suffix.length);
  const canvas = body.diffusion?.canvas ?? genLengthOf(request, handle.info);
  const limit = body.max_tokens === unlimitedTokens ? undefined : body.max_tokens;
  const maximum = Math.min(limit ?? Infinity, canvas, room);
  return { request: { ...request, tokens, infill: [{ minimum: 0, maximum }, suffix] } };
}

/** @throws ApiError for fields that a request with a suffix does not support */
function requireNoPromptOutput({ echo, logprobs }: CompletionsBody): void {
  if (echo) refuse("echo", "'echo' cannot be combined with 'suffix'");
  if (typeof logprobs === "number") refuse("logprobs", "'logprobs' cannot be combined with 'suffix'");
}
