/** Reads a trace file, and refuses one that others could not rely on. */
import type { GenerateEvent } from "../engine/events/events.ts";
import { DiffusionError, found } from "../error.ts";
import { isJsonObject, type JsonObject } from "../jsonObject.ts";
import { type Trace, type TraceHeader, traceVersion } from "./trace.ts";

/** No model has a longer context. */
const maxPositions = 2 ** 24;

/** @param line the object that has the field */
type Check = (value: unknown, line: JsonObject) => boolean;

const isNumber: Check = (value) => typeof value === "number";
const isNumbers: Check = (value) => Array.isArray(value) && value.every((each) => typeof each === "number");
const isStrings: Check = (value) => Array.isArray(value) && value.every((each) => typeof each === "string");
/** One number for each position. */
const isPerPosition: Check = (value, { positions }) =>
  isNumbers(value, {}) && (value as readonly number[]).length === (positions as readonly number[]).length;
const isPosition: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxPositions;
const isRange: Check = (value) =>
  isJsonObject(value) && isNumber(value["start"], value) && isNumber(value["end"], value);
const isPlaced: Check = (value) =>
  isJsonObject(value) &&
  isNumbers(value["positions"], value) &&
  ["tokens", "confidences"].every((field) => isPerPosition(value[field], value));
const isTextTable: Check = (value) =>
  isJsonObject(value) &&
  Object.entries(value).every(([token, text]) => /^\d+$/.test(token) && typeof text === "string");
const optional =
  (check: Check): Check =>
  (value, line) =>
    value === undefined || check(value, line);

type Fields = Readonly<Record<string, Check>>;

/** What of each event others rely on. */
const fields: Readonly<Record<GenerateEvent["type"], Fields>> = {
  start: {
    canvas: isNumbers,
    undecided: isNumbers,
    maskToken: isNumber,
    promptTokens: isPosition,
    genLength: isPosition,
  },
  step: {
    positions: isNumbers,
    tokens: isPerPosition,
    confidences: isPerPosition,
    texts: optional(isStrings),
    edits: isPlaced,
    revoked: optional(isNumbers),
    window: isRange,
    block: isRange,
    guesses: optional(isPlaced),
    openCount: isNumber,
    ms: isNumber,
  },
  progress: { committed: isNumber, total: isNumber },
  block: { start: isPosition, end: isPosition, tokens: isNumbers },
  extend: { start: isPosition, end: isPosition, genLength: isPosition },
  lost: { reason: (value) => typeof value === "string" },
  recovered: { attempt: isNumber, ms: isNumber },
  done: { canvas: isNumbers, tokens: isNumbers, usage: (value) => isJsonObject(value) },
};

const headerFields: Fields = { stopTokens: optional(isNumbers) };

/**
 * Reads a trace file.
 * @param name how errors name it
 * @throws DiffusionError `invalid-file` with the line, `unsupported` for another version
 */
export function readTrace(text: string, name: string): Trace {
  const lines = text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [parse(line, index + 1, name)]));
  const header = readHeader(lines[0], name);
  const texts = new Map<number, string>();
  const events = lines.slice(1).map((line) => {
    const { tokenTexts, ...event } = readEvent(line, name);
    for (const [token, tokenText] of Object.entries(tokenTexts ?? {})) texts.set(Number(token), tokenText);
    if (event.type !== "step" || !event.texts) return event;
    for (const [index, tokenText] of event.texts.entries()) {
      const token = event.tokens[index];
      if (token !== undefined) texts.set(token, tokenText);
    }
    return event;
  });
  if (events[0]?.type !== "start") {
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as its first event must be 'start'`);
  }
  return { header, events, texts };
}

interface Line {
  readonly value: JsonObject;
  /** Counted from 1. */
  readonly number: number;
}

function parse(text: string, number: number, name: string): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return { value, number };
  } catch (cause) {
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as line ${number} is not JSON`, {
      cause,
    });
  }
  throw new DiffusionError("invalid-file", `Cannot read '${name}' as line ${number} is not an object`);
}

function readHeader(line: Line | undefined, name: string): TraceHeader {
  const header = line?.value;
  if (
    !line ||
    header?.["type"] !== "trace" ||
    !isJsonObject(header["request"]) ||
    !isJsonObject(header["choices"])
  ) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as its first line is not the header of a trace`,
    );
  }
  if (header["version"] !== traceVersion) {
    const message = `Cannot read '${name}' as its version must be ${traceVersion}: found ${found(header["version"])}`;
    throw new DiffusionError("unsupported", message);
  }
  requireFields(line, headerFields, name);
  return header as unknown as TraceHeader;
}

type EventLine = GenerateEvent & { readonly tokenTexts?: Readonly<Record<string, string>> };

function readEvent(line: Line, name: string): EventLine {
  const { type } = line.value;
  if (typeof type !== "string" || !Object.hasOwn(fields, type))
    throw refusal(line, name, "is not an event", type);
  requireFields(line, fields[type as GenerateEvent["type"]], name);
  requireFields(line, { tokenTexts: optional(isTextTable) }, name);
  return line.value as unknown as EventLine;
}

function requireFields(line: Line, checks: Fields, name: string): void {
  for (const [field, isValid] of Object.entries(checks)) {
    const content = line.value[field];
    if (!isValid(content, line.value)) throw refusal(line, name, `has no valid '${field}'`, content);
  }
}

function refusal({ number }: Line, name: string, what: string, actual: unknown): DiffusionError {
  return new DiffusionError(
    "invalid-file",
    `Cannot read '${name}' as line ${number} ${what}: found ${found(actual)}`,
  );
}
