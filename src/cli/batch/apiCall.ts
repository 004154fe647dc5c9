/** A line as OpenAI's batches have it, `{custom_id, method, url, body}`: a call of the HTTP API. */
import { found } from "../../core/index.ts";
import { isJsonObject, type JsonObject } from "../../core/jsonObject.ts";
import { snakeCase } from "../../server/schema/declared.ts";
import type { RequestChoices } from "../choices.ts";
import { type BatchDefaults, withSystem } from "./defaults.ts";

export interface ApiCall {
  /** As in `/v1/chat/completions`. */
  readonly url: string;
  /** With the defaults filled in. */
  readonly body: JsonObject;
}

/** Lines of the engine's own form have neither field. */
export function isApiLine(line: JsonObject): boolean {
  return "custom_id" in line || "body" in line;
}

/** The call of a line, or why it has none. */
export function readApiCall(line: JsonObject, { choices, system }: BatchDefaults): ApiCall | string {
  const { method, url, body } = line;
  const unknown = Object.keys(line).find((name) => !["custom_id", "method", "url", "body"].includes(name));
  if (unknown !== undefined) return `it has no field '${unknown}': it takes custom_id, method, url, body`;
  if (method !== "POST") return `'method' must be POST: found ${found(method)}`;
  if (typeof url !== "string" || !url.startsWith("/")) return `'url' must be a path: found ${found(url)}`;
  if (!isJsonObject(body)) return `'body' must be an object: found ${found(body)}`;
  if (body["stream"] === true) return "'body.stream' must not be true, as a result is one line: found true";
  return { url, body: withSystem(withFields(body, fieldsOf(choices, url)), system) };
}

/** The choices as the API's fields. */
function fieldsOf(choices: RequestChoices, url: string): JsonObject {
  const { temperature, topP, seed, stop, maxTokens, topLogprobs, genLength, ...others } = choices;
  // Holes have lengths of their own.
  const lengths = url === "/v1/infill" ? {} : { max_tokens: maxTokens };
  const canvas = url === "/v1/infill" ? {} : { canvas: genLength };
  const diffusion = defined({ ...canvas, ...snakeCased(others) });
  return defined({
    ...lengths,
    ...logprobsFor(url, topLogprobs),
    temperature,
    top_p: topP,
    seed,
    stop,
    diffusion: Object.keys(diffusion).length > 0 ? diffusion : undefined,
  });
}

function logprobsFor(url: string, topLogprobs: number | null | undefined): JsonObject {
  if (typeof topLogprobs !== "number") return {};
  const isChat = url === "/v1/chat/completions";
  return isChat ? { logprobs: true, top_logprobs: topLogprobs } : { logprobs: topLogprobs };
}

/** Decoder, cache and smoothing have parameters of their own. */
function snakeCased(fields: object): JsonObject {
  const entries = Object.entries(fields).map(([name, value]): [string, unknown] => [
    snakeCase(name),
    isJsonObject(value) ? snakeCased(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** The body over the fields; OpenAI's clients send null for what they do not say. */
function withFields(body: JsonObject, fields: JsonObject): JsonObject {
  const { diffusion, ...said } = defined(body);
  const { max_tokens: maxTokens, diffusion: chosen, ...others } = fields;
  const limit = "max_completion_tokens" in said ? {} : defined({ max_tokens: maxTokens });
  const both = isJsonObject(diffusion)
    ? { ...(chosen as JsonObject | undefined), ...diffusion }
    : (diffusion ?? chosen);
  return { ...others, ...limit, ...said, ...defined({ diffusion: both }) };
}

function defined(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}
