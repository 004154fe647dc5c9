/** The HTTP API in this process, over one engine: what OpenAI's batch lines call. */
import { DiffusionError, type DiffusionErrorCode, type EngineHandle } from "../../core/index.ts";
import { isJsonObject, type JsonObject } from "../../core/jsonObject.ts";
import { createApp } from "../../server/index.ts";
import type { ApiCall } from "./apiCall.ts";

export interface ApiResponse {
  readonly status_code: number;
  readonly request_id: string;
  readonly body: JsonObject;
}

export type Api = (call: ApiCall, signal: AbortSignal) => Promise<ApiResponse>;

/** @param model the name that answers give the engine's model; it answers whatever model a call names */
export function apiOver(engine: EngineHandle, model: string): Api {
  const app = createApp({ models: new Map([[model, engine]]) });
  return async ({ url, body }, signal) => {
    const request = new Request(new URL(url, "http://batch"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, model }),
      signal,
    });
    const response = await app.fetch(request);
    return {
      status_code: response.status,
      request_id: response.headers.get("x-request-id") ?? "",
      body: await bodyOf(response, url),
    };
  };
}

async function bodyOf(response: Response, url: string): Promise<JsonObject> {
  const body: unknown = await response.json();
  if (isJsonObject(body)) return body;
  throw new DiffusionError("internal", `Cannot use the answer of ${url} as it is no object`);
}

/** What a response says of its failure; undefined where it is an answer. */
export function apiFailure({ status_code: status, body }: ApiResponse) {
  if (status < 400) return undefined;
  const error = isJsonObject(body["error"]) ? body["error"] : {};
  const { code, message } = error;
  return {
    /** As the engine's errors have it. */
    code: String(code).replaceAll("_", "-") as DiffusionErrorCode,
    message: typeof message === "string" ? message : `Status ${status}`,
  };
}
