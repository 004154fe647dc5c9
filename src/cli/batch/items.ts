/** The input of a batch: one request a line, as JSON. */
import { DiffusionError, found, type GenerateRequest } from "../../core/index.ts";
import { isJsonObject } from "../../core/jsonObject.ts";
import type { RequestChoices } from "../choices.ts";

export type ItemId = string | number;

export interface BatchItem {
  /** Lines before it; empty ones do not count. */
  readonly index: number;
  /** As the line gives it. */
  readonly id: ItemId | undefined;
  /** What the line asks, or why it asks nothing. */
  readonly request: GenerateRequest | DiffusionError;
}

/** What lines say that do not say otherwise. */
export interface BatchDefaults {
  readonly choices: RequestChoices;
  /** A system message for conversations without one. */
  readonly system: string | undefined;
}

/**
 * The items of a file. A line that is none becomes an item that fails.
 * @param name how errors name the file
 */
export function readItems(bytes: Uint8Array, name: string, defaults: BatchDefaults): readonly BatchItem[] {
  const lines = linesOf(bytes).map((line, index) => ({ line, number: index + 1 }));
  return lines
    .filter(({ line }) => !isBlank(line))
    .map(({ line, number }, index) => readItem(line, index, `line ${number} of '${name}'`, defaults));
}

/** The lines of a file without their breaks. Splitting bytes keeps one line's broken text from another's. */
export function linesOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const at = bytes.indexOf(lineBreak, start);
    const end = at < 0 ? bytes.length : at;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
export const lineBreak = 0x0a;

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function readItem(line: Uint8Array, index: number, name: string, defaults: BatchDefaults): BatchItem {
  const refuse = (id: ItemId | undefined, why: string, cause?: unknown): BatchItem => ({
    ...{ index, id },
    request: new DiffusionError("invalid-request", `Cannot use ${name} as ${why}`, { cause }),
  });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
  } catch (cause) {
    return refuse(undefined, "it is not JSON", cause);
  }
  if (!isJsonObject(value)) return refuse(undefined, `it must be an object: found ${found(value)}`);
  const { id, ...request } = value;
  if (!isId(id)) return refuse(undefined, `'id' must be a string or a number: found ${found(id)}`);
  return { index, id, request: withDefaults(request, defaults) };
}

export function isId(value: unknown): value is ItemId | undefined {
  return value === undefined || typeof value === "string" || typeof value === "number";
}

function withDefaults(request: GenerateRequest, { choices, system }: BatchDefaults): GenerateRequest {
  // Holes have lengths of their own: beside them the engine takes no other.
  const { genLength, ...others } = choices;
  const fitting = request.infill === undefined ? choices : others;
  const { messages } = request;
  const bare = Array.isArray(messages) && !messages.some((message) => message?.role === "system");
  if (system === undefined || !bare) return { ...fitting, ...request };
  return { ...fitting, ...request, messages: [{ role: "system", content: system }, ...messages] };
}
