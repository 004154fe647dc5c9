/** A line in OpenAI's batch format, `{custom_id, method, url, body}`: a call of the HTTP API. */
import { found } from "../../core/index.ts";
import { isJsonObject, type JsonObject } from "../../core/jsonObject.ts";
import { snakeCase } from "../../server/schema/declared.ts";
import type { RequestChoices } from "../choices.ts";
import { type BatchDefaults, withSystem } from "./defaults.ts";

export interface ApiCall {
  /** For example `/v1/chat/completions`. */
  readonly url: string;
  /** The body with the defaults filled in. */
  readonly body: JsonObject;
}

/** Whether a line is in OpenAI's format. Lines in the engine's format have neither field. */
export function isApiLine(line: JsonObject): boolean {
  return "custom_id" in line || "body" in line;
}

/** Reads the call of a line. Returns the reason as a string if the line is invalid. */
export function readApiCall(line: JsonObject, { choices, system }: BatchDefaults): ApiCall | string {
  const { method, url, body } = line;
  const unknown = Object.keys(line).find((name) => !["custom_id", "method", "url", "body"].includes(name));
  if (unknown !== undefined)
    return `'${unknown}' is not a field of a call: the fields are custom_id, method, url, body`;
  if (method !== "POST") return `'method' must be POST: found ${found(method)}`;
  if (typeof url !== "string" || !url.startsWith("/")) return `'url' must be a path: found ${found(url)}`;
  if (!isJsonObject(body)) return `'body' must be an object: found ${found(body)}`;
  if (body["stream"] === true) return "'body.stream' must not be true, as a result is one line: found true";
  return { url, body: withSystem(withFields(body, fieldsOf(choices, url)), system) };
}

/** Converts the choices to the API's fields. */
function fieldsOf(choices: RequestChoices, url: string): JsonObject {
  const { temperature, topP, seed, stop, maxTokens, topLogprobs, genLength, ...others } = choices;
  // An infilling takes its length from its holes.
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

/** Converts names to snake case, including the parameters of decoder, cache and smoothing. */
function snakeCased(fields: object): JsonObject {
  const entries = Object.entries(fields).map(([name, value]): [string, unknown] => [
    snakeCase(name),
    isJsonObject(value) ? snakeCased(value) : value,
  ]);
  return Object.fromEntries(entries);
}

/** Fills in fields that the body lacks. OpenAI's clients send null for missing fields. */
function withFields(body: JsonObject, fields: JsonObject): JsonObject {
  const { diffusion, ...given } = defined(body);
  const { max_tokens: maxTokens, diffusion: chosen, ...others } = fields;
  const limit = "max_completion_tokens" in given ? {} : defined({ max_tokens: maxTokens });
  const merged = isJsonObject(diffusion)
    ? { ...(chosen as JsonObject | undefined), ...diffusion }
    : (diffusion ?? chosen);
  return { ...others, ...limit, ...given, ...defined({ diffusion: merged }) };
}

function defined(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );
}
