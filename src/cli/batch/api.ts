/** The HTTP API on top of an engine in this process. Lines in OpenAI's batch format call it. */
import { DiffusionError, type DiffusionErrorCode, type EngineHandle, found } from "../../core/index.ts";
import { isJsonObject, type JsonObject } from "../../core/jsonObject.ts";
import { createApp } from "../../server/index.ts";
import type { ApiCall } from "./apiCall.ts";

export interface ApiResponse {
  readonly status_code: number;
  readonly request_id: string;
  readonly body: JsonObject;
}

export type Api = (call: ApiCall, signal: AbortSignal) => Promise<ApiResponse>;

/** @param model the name of the engine's model in responses; it replaces the model that a call names */
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
  throw new DiffusionError(
    "internal",
    `Cannot use the response of ${url} as it must be an object: found ${found(body)}`,
  );
}

/** The error of a failed response; undefined for a successful one. */
export function apiFailure({ status_code: status, body }: ApiResponse) {
  if (status < 400) return undefined;
  const error = isJsonObject(body["error"]) ? body["error"] : {};
  const { code, message } = error;
  return {
    /** In the spelling of `DiffusionErrorCode`. */
    code: String(code).replaceAll("_", "-") as DiffusionErrorCode,
    message: typeof message === "string" ? message : `Status ${status}`,
  };
}
