/** The output of a batch: one result per line, in the format of its request. */
import {
  DiffusionError,
  type DiffusionErrorCode,
  type DoneEvent,
  type GenerateEvent,
} from "../../core/index.ts";
import { type ApiResponse, apiFailure } from "./api.ts";
import type { ApiItem, BatchItem, EngineItem, ItemId } from "./items.ts";

interface Numbered {
  readonly index: number;
  readonly id?: ItemId;
}
interface ResultError {
  readonly code: string;
  readonly message: string;
}
export interface Answered
  extends Numbered,
    Pick<DoneEvent, "text" | "holes" | "tokens" | "usage" | "reason"> {}
export interface Failed extends Numbered {
  readonly error: ResultError & { readonly code: DiffusionErrorCode };
}
/** A result in OpenAI's batch format. `response` is the API's response, including its error responses. */
export interface ApiResult {
  readonly id: string;
  readonly custom_id: string;
  readonly response: ApiResponse | null;
  readonly error: ResultError | null;
}
export type BatchResult = Answered | Failed | ApiResult;

/** The beginning of a result in each format. It identifies the incomplete last line of an interrupted batch. */
export const beginnings: readonly string[] = ['{"index":', '{"id":"batch_req_'];

export function answered(item: EngineItem, done: Extract<GenerateEvent, { type: "done" }>): Answered {
  const { text, holes, tokens, usage, reason } = done;
  return {
    ...numbered(item),
    ...(text === undefined ? {} : { text }),
    ...(holes === undefined ? {} : { holes }),
    tokens,
    usage,
    reason,
  };
}

export function answeredCall(item: ApiItem, response: ApiResponse): ApiResult {
  return { ...named(item), response, error: null };
}

export function failed(item: BatchItem, error: unknown): Failed | ApiResult {
  const code = error instanceof DiffusionError ? error.code : "internal";
  const message = error instanceof Error ? error.message : String(error);
  if (item.form === "engine") return { ...numbered(item), error: { code, message } };
  return { ...named(item), response: null, error: { code: code.replaceAll("-", "_"), message } };
}

function numbered({ index, id }: EngineItem): Numbered {
  return id === undefined ? { index } : { index, id };
}

function named({ id }: ApiItem): Pick<ApiResult, "id" | "custom_id"> {
  return { id: `batch_req_${crypto.randomUUID().replaceAll("-", "")}`, custom_id: id };
}

/** The error message of a failed request; undefined for success. */
export function failureOf(result: BatchResult): string | undefined {
  if ("error" in result && result.error) return result.error.message;
  return "response" in result && result.response ? apiFailure(result.response)?.message : undefined;
}

export function resultLine(result: BatchResult): string {
  return `${JSON.stringify(result)}\n`;
}
