/** The engine's request for a prompt: its tokens, and lengths that fit the context. */
import {
  type ChatMessage,
  type EngineHandle,
  type EngineInfo,
  type GenerateRequest,
  genLengthOf,
} from "../../core/index.ts";
import { ApiError } from "../apiError.ts";
import { type DiffusionFields, diffusionRequest, omitNullish, unlimitedTokens } from "../schema/index.ts";

/** The prompt of a request: text, token IDs or messages. */
export type Prompt = string | readonly number[] | { readonly messages: readonly ChatMessage[] };

/** Fields that control generation and are common to all endpoints. */
export interface Settings {
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly diffusion?: DiffusionFields | null | undefined;
}

export interface Lengths {
  readonly maxTokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  /** Number of alternatives per token; undefined without log-probabilities. */
  readonly topLogprobs?: number | undefined;
}

/** @throws DiffusionError `text`; `context-exceeded` as soon as the tokens exceed the context */
export async function promptTokens(handle: EngineHandle, prompt: Prompt): Promise<readonly number[]> {
  if (typeof prompt === "string") return textTokens(handle, prompt);
  return "messages" in prompt ? handle.tokenize(prompt.messages, { maxTokens: handle.info.context }) : prompt;
}

/** The tokens of a text that has to fit the context. @throws DiffusionError as `promptTokens` */
export function textTokens(handle: EngineHandle, text: string): Promise<readonly number[]> {
  return handle.tokenize(text, { maxTokens: handle.info.context });
}

/** The part of the engine's request that does not depend on the prompt. */
export function settingsRequest({ temperature, top_p, diffusion }: Settings): GenerateRequest {
  return { ...diffusionRequest(diffusion ?? {}), ...omitNullish({ temperature, topP: top_p }) };
}

/**
 * The engine's request for a generation after a prompt. The canvas is the request's; by default that of the preset or the
 * model, shortened to the room in the context. The limit of tokens only cuts the answer. Above the length of the canvas, the
 * answer continues on another canvas when the first is full.
 */
export function generationRequest(
  info: EngineInfo,
  tokens: readonly number[],
  settings: Settings,
  { maxTokens, stop, topLogprobs }: Lengths,
): GenerateRequest {
  const request = settingsRequest(settings);
  const { canvas } = settings.diffusion ?? {};
  const genLength = canvas ?? Math.min(genLengthOf(request, info), roomFor(info, tokens.length));
  const limit = maxTokens === unlimitedTokens ? Number.MAX_SAFE_INTEGER : maxTokens;
  return { ...request, tokens, genLength, ...omitNullish({ maxTokens: limit, stop, topLogprobs }) };
}

/** Positions that are left after a prompt; at least 1, so that the engine rejects a prompt that fills the context. */
export function roomFor({ context, maskBlock }: EngineInfo, promptLength: number): number {
  // Block-causal models need complete blocks.
  const usable = maskBlock === Infinity ? context : Math.floor(context / maskBlock) * maskBlock;
  return Math.max(1, usable - promptLength);
}

/** @throws ApiError for a model without a tokenizer */
export function requireTokenizer(name: string, { hasTokenizer }: EngineInfo): void {
  if (hasTokenizer) return;
  const message = `Cannot answer with text as the model '${name}' has no tokenizer.json`;
  throw new ApiError(400, "text", message, { param: "model" });
}

/** The seeds of the choices: consecutive numbers from the request's seed, or random ones. */
export function seedsFrom(seed: number | null | undefined, count: number): readonly number[] {
  if (seed === null || seed === undefined) return [...crypto.getRandomValues(new Uint32Array(count))];
  return Array.from({ length: count }, (_, choice) => (seed + choice) >>> 0);
}
