/** The input of a batch: one JSON request per line, in the engine's format or in OpenAI's batch format. */
import { DiffusionError, fieldsExcludedByInfill, found, type GenerateRequest } from "../../core/index.ts";
import { isJsonObject } from "../../core/jsonObject.ts";
import type { RequestChoices } from "../choices.ts";
import { type ApiCall, isApiLine, readApiCall } from "./apiCall.ts";
import { type BatchDefaults, withSystem } from "./defaults.ts";
import { isBlank, linesOf, parseLine } from "./lines.ts";

export type ItemId = string | number;

interface Numbered {
  /** The number of requests before this one. Blank lines do not count. */
  readonly index: number;
}

/** A line in the engine's format. */
export interface EngineItem extends Numbered {
  readonly form: "engine";
  /** The line's `id`. */
  readonly id: ItemId | undefined;
  /** The request, or the error of an invalid line. */
  readonly request: GenerateRequest | DiffusionError;
}

/** A line in OpenAI's batch format. */
export interface ApiItem extends Numbered {
  readonly form: "api";
  /** The line's `custom_id`. */
  readonly id: string;
  readonly request: ApiCall | DiffusionError;
}

/** A request of a batch. Its result has the same format as its line. */
export type BatchItem = EngineItem | ApiItem;

/**
 * Reads the requests of a file. An invalid line becomes an item that fails.
 * @param name the file's name in errors
 * @throws DiffusionError `invalid-file` if the file has no requests
 */
export function readItems(bytes: Uint8Array, name: string, defaults: BatchDefaults): readonly BatchItem[] {
  const lines = linesOf(bytes).map((line, index) => ({ line, number: index + 1 }));
  const items = lines
    .filter(({ line }) => !isBlank(line))
    .map(({ line, number }, index) => readItem(line, index, `line ${number} of '${name}'`, defaults));
  if (items.length > 0) return rejectDuplicates(items);
  throw new DiffusionError("invalid-file", `Cannot answer the batch as '${name}' has no requests`);
}

function readItem(line: Uint8Array, index: number, name: string, defaults: BatchDefaults): BatchItem {
  const refusal = (why: string, cause?: unknown) =>
    new DiffusionError("invalid-request", `Cannot use ${name} as ${why}`, { cause });
  const refuse = (why: string, cause?: unknown): BatchItem => {
    return { index, id: undefined, form: "engine", request: refusal(why, cause) };
  };
  let value: unknown;
  try {
    value = parseLine(line);
  } catch (cause) {
    return refuse("it is not JSON", cause);
  }
  if (!isJsonObject(value)) return refuse(`it must be an object: found ${found(value)}`);
  if (isApiLine(value)) {
    const { custom_id: id } = value;
    if (typeof id !== "string") return refuse(`'custom_id' must be a string: found ${found(id)}`);
    const call = readApiCall(value, defaults);
    return { index, id, form: "api", request: typeof call === "string" ? refusal(call) : call };
  }
  const { id, ...request } = value;
  if (!isId(id)) return refuse(`'id' must be a string or a number: found ${found(id)}`);
  return { index, id, form: "engine", request: withDefaults(request, defaults) };
}

export function isId(value: unknown): value is ItemId | undefined {
  return value === undefined || typeof value === "string" || typeof value === "number";
}

/**
 * Turns a repeated `custom_id` into an error, as only `custom_id` identifies OpenAI's results. The error's result has
 * the engine's format, which identifies it by its index.
 */
function rejectDuplicates(items: readonly BatchItem[]): readonly BatchItem[] {
  const seen = new Set<unknown>();
  return items.map((item) => {
    const { index, id, form } = item;
    if (form !== "api") return item;
    if (!seen.has(id)) {
      seen.add(id);
      return item;
    }
    const why = `Cannot use request ${index} as an earlier request has the same 'custom_id': found ${found(id)}`;
    return { index, id, form: "engine", request: new DiffusionError("invalid-request", why) };
  });
}

function withDefaults(request: GenerateRequest, { choices, system }: BatchDefaults): GenerateRequest {
  const fits = ([field]: readonly [string, unknown]) =>
    request.infill === undefined || !(fieldsExcludedByInfill as readonly string[]).includes(field);
  const fitting: RequestChoices = Object.fromEntries(Object.entries(choices).filter(fits));
  return withSystem({ ...fitting, ...request }, system);
}
