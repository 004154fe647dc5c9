/**
 * A trace is everything that a generation reported, with its request: it can be saved as JSON lines, replayed
 * and compared. The first line is its header, every other one an event.
 */
import type { Range } from "../diffusion/index.ts";
import type { GenerateEvent } from "../engine/events/events.ts";
import type { EngineHandle } from "../engine/handle.ts";
import { type DecodingConfig, decodingConfig } from "../engine/request/readRequest.ts";
import type { GenerateRequest } from "../engine/request/request.ts";
import { DiffusionError, found } from "../error.ts";

export const traceVersion = 1;

export interface TraceHeader {
  readonly type: "trace";
  readonly version: typeof traceVersion;
  readonly family: string;
  readonly parameters: number;
  readonly device: string;
  readonly request: GenerateRequest;
  /** What it was decoded with, be it by the request, its preset or the model. */
  readonly choices: DecodingConfig;
}

export interface Trace {
  readonly header: TraceHeader;
  /** `start` first, `done` last, unless the generation did not come to its end. */
  readonly events: readonly GenerateEvent[];
}

/** @throws DiffusionError `invalid-request` for a preset that there is not */
export function traceHeader({ info }: Pick<EngineHandle, "info">, request: GenerateRequest): TraceHeader {
  const { family, parameters, device } = info;
  return {
    type: "trace",
    version: traceVersion,
    family,
    parameters,
    device,
    request,
    choices: decodingConfig(request, info),
  };
}

/** One line of a trace file, with its line break. */
export function traceLine(entry: TraceHeader | GenerateEvent): string {
  return `${JSON.stringify(entry)}\n`;
}

type Check = (value: unknown) => boolean;
const isNumber: Check = (value) => typeof value === "number";
const isNumbers: Check = (value) => Array.isArray(value) && value.every(isNumber);
const isObject: Check = (value) => typeof value === "object" && value !== null;
const isRange: Check = (value) =>
  isObject(value) && isNumber((value as Range).start) && isNumber((value as Range).end);
const isPlaced: Check = (value) =>
  isObject(value) &&
  ["positions", "tokens", "confidences"].every((field) =>
    isNumbers((value as Readonly<Record<string, unknown>>)[field]),
  );

/** What of each event others rely on. */
const fields: Readonly<Record<GenerateEvent["type"], Readonly<Record<string, Check>>>> = {
  start: {
    canvas: isNumbers,
    undecided: isNumbers,
    maskToken: isNumber,
    promptTokens: isNumber,
    genLength: isNumber,
  },
  step: {
    positions: isNumbers,
    tokens: isNumbers,
    confidences: isNumbers,
    edits: isPlaced,
    window: isRange,
    block: isRange,
    guesses: (value) => value === undefined || isPlaced(value),
    openCount: isNumber,
    ms: isNumber,
  },
  progress: { committed: isNumber, total: isNumber },
  block: { start: isNumber, end: isNumber, tokens: isNumbers },
  extend: { start: isNumber, end: isNumber, genLength: isNumber },
  lost: { reason: (value) => typeof value === "string" },
  recovered: { attempt: isNumber, ms: isNumber },
  done: { canvas: isNumbers, tokens: isNumbers, usage: isObject },
};

/**
 * Reads a trace file.
 * @param name how errors name it
 * @throws DiffusionError `invalid-file` with the line, `unsupported` for another version
 */
export function readTrace(text: string, name: string): Trace {
  const entries = text
    .split("\n")
    .flatMap((line, index) => (line.trim() === "" ? [] : [parse(line, index + 1, name)]));
  const header = entries[0]?.value as Partial<TraceHeader> | undefined;
  if (header?.type !== "trace" || !isObject(header.request) || !isObject(header.choices)) {
    throw new DiffusionError(
      "invalid-file",
      `Cannot read '${name}' as its first line is not the header of a trace`,
    );
  }
  if (header.version !== traceVersion) {
    const message = `Cannot read '${name}' as its version must be ${traceVersion}: found ${found(header.version)}`;
    throw new DiffusionError("unsupported", message);
  }
  const events = entries.slice(1).map(({ value, line }) => {
    const fail = (what: string, actual: unknown) =>
      new DiffusionError(
        "invalid-file",
        `Cannot read '${name}' as line ${line} ${what}: found ${found(actual)}`,
      );
    const { type } = value as Partial<GenerateEvent>;
    if (typeof type !== "string" || !Object.hasOwn(fields, type)) throw fail("is not an event", type);
    for (const [field, valid] of Object.entries(fields[type])) {
      const content = (value as Readonly<Record<string, unknown>>)[field];
      if (!valid(content)) throw fail(`has no valid '${field}'`, content);
    }
    return value as GenerateEvent;
  });
  if (events[0]?.type !== "start") {
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as its first event must be 'start'`);
  }
  return { header: header as TraceHeader, events };
}

function parse(text: string, line: number, name: string): { readonly value: object; readonly line: number } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { value, line };
  } catch (cause) {
    throw new DiffusionError("invalid-file", `Cannot read '${name}' as line ${line} is not JSON`, { cause });
  }
  throw new DiffusionError("invalid-file", `Cannot read '${name}' as line ${line} is not an object`);
}
