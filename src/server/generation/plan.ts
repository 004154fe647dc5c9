/** What the engine is asked for: a prompt as tokens, and lengths that fit its context. */
import {
  type ChatMessage,
  type EngineHandle,
  type EngineInfo,
  type GenerateRequest,
  genLengthOf,
} from "../../core/index.ts";
import { ApiError } from "../apiError.ts";
import { type DiffusionFields, diffusionRequest, given, unlimitedTokens } from "../schema/index.ts";

/** A prompt as it came. */
export type Prompt = string | readonly number[] | { readonly messages: readonly ChatMessage[] };

/** What all endpoints say of how to generate. */
export interface Settings {
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly diffusion?: DiffusionFields | null | undefined;
}

export interface Lengths {
  readonly maxTokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  /** Alternatives a token; undefined where nothing is to be told of probabilities. */
  readonly topLogprobs?: number | undefined;
}

/** @throws DiffusionError `text`, `context-exceeded` before more is read than there is room for */
export async function promptTokens(handle: EngineHandle, prompt: Prompt): Promise<readonly number[]> {
  if (typeof prompt === "string") return textTokens(handle, prompt);
  return "messages" in prompt ? handle.tokenize(prompt.messages, { maxTokens: handle.info.context }) : prompt;
}

/** The tokens of a text that is to stand in the context. @throws DiffusionError as `promptTokens` */
export function textTokens(handle: EngineHandle, text: string): Promise<readonly number[]> {
  return handle.tokenize(text, { maxTokens: handle.info.context });
}

/** What stands in every request. */
export function settingsRequest({ temperature, top_p, diffusion }: Settings): GenerateRequest {
  return { ...diffusionRequest(diffusion ?? {}), ...given({ temperature, topP: top_p }) };
}

/**
 * A generation behind a prompt. The canvas is as the request says, else as its preset or model does, as far as there is
 * room. The limit of tokens cuts the answer and changes nothing before that: where it is above the canvas, the answer goes
 * on behind a full one.
 */
export function generationRequest(
  info: EngineInfo,
  tokens: readonly number[],
  settings: Settings,
  { maxTokens, stop, topLogprobs }: Lengths,
): GenerateRequest {
  const request = settingsRequest(settings);
  const asked = settings.diffusion?.canvas;
  const genLength = asked ?? Math.min(genLengthOf(request, info), roomFor(info, tokens.length));
  const limit = maxTokens === unlimitedTokens ? Number.MAX_SAFE_INTEGER : maxTokens;
  return { ...request, tokens, genLength, ...given({ maxTokens: limit, stop, topLogprobs }) };
}

/** Positions behind a prompt; 1 where there is none, which the engine refuses with the figures. */
export function roomFor({ context, maskBlock }: EngineInfo, promptLength: number): number {
  // Block-causal models fill whole blocks.
  const most = maskBlock === Infinity ? context : Math.floor(context / maskBlock) * maskBlock;
  return Math.max(1, most - promptLength);
}

/** @throws ApiError for a model that has no text to answer with */
export function requireTokenizer(name: string, { hasTokenizer }: EngineInfo): void {
  if (hasTokenizer) return;
  const message = `Cannot answer with text as the model '${name}' has no tokenizer.json`;
  throw new ApiError(400, "text", message, { param: "model" });
}

/** The seeds of choices: one after the other from the request's, or random ones. */
export function seedsFrom(seed: number | null | undefined, count: number): readonly number[] {
  if (seed === null || seed === undefined) return [...crypto.getRandomValues(new Uint32Array(count))];
  return Array.from({ length: count }, (_, choice) => (seed + choice) >>> 0);
}
