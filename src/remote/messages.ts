/**
 * The messages of the protocol. The caller starts with `hello`, the engine's side with `info` once the engine is loaded. As
 * both sides greet, the side that listens last also receives a greeting. The caller numbers its calls and streams. A stream
 * starts with `window` credits; each event takes one, and `more` returns the credits of consumed events. `bye` ends the
 * connection.
 */
import {
  DiffusionError,
  type EngineInfo,
  found,
  type GenerateEvent,
  type LoadProgress,
} from "../core/index.ts";
import { isPacked, type Packed } from "./packedValue.ts";

/** Incremented with every change of a message, as both sides must have the same version. */
export const protocolVersion = 4;

export const methods = [
  "tokenize",
  "detokenize",
  "tokenTexts",
  "logits",
  "status",
  "plan",
  "dispose",
] as const;
export type Method = (typeof methods)[number];

/** Messages from the caller. */
export type CallerMessage =
  | { readonly type: "hello"; readonly version: number }
  | { readonly type: "call"; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  /** The engine validates the request. */
  | { readonly type: "generate"; readonly id: number; readonly request: unknown; readonly window: number }
  | { readonly type: "more"; readonly id: number; readonly count: number }
  | { readonly type: "abort"; readonly id: number; readonly reason: Packed }
  | { readonly type: "leave"; readonly id: number }
  | { readonly type: "bye"; readonly why: Packed };

/** Messages from the engine's side. */
export type EngineMessage =
  | { readonly type: "progress"; readonly progress: LoadProgress }
  /** The backend that was chosen, and the reason. */
  | { readonly type: "pick"; readonly backend: string; readonly reason: string }
  /** Sent again when the info has changed. */
  | { readonly type: "info"; readonly version: number; readonly info: EngineInfo }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "event"; readonly id: number; readonly event: GenerateEvent }
  | { readonly type: "end"; readonly id: number }
  | { readonly type: "error"; readonly id: number; readonly error: Packed }
  | { readonly type: "bye"; readonly why: Packed };

type Check = (value: unknown) => boolean;
type Fields<M extends { readonly type: string }> = {
  readonly [T in M["type"]]: Readonly<Record<Exclude<keyof Extract<M, { type: T }>, "type">, Check>>;
};

const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isId: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject: Check = (value) => typeof value === "object" && value !== null;
const isString: Check = (value) => typeof value === "string";
const isAnything: Check = () => true;

const callerFields: Fields<CallerMessage> = {
  hello: { version: isCount },
  call: { id: isId, method: (value) => methods.includes(value as Method), args: Array.isArray },
  generate: { id: isId, request: isAnything, window: isCount },
  more: { id: isId, count: isCount },
  abort: { id: isId, reason: isPacked },
  leave: { id: isId },
  bye: { why: isPacked },
};

const engineFields: Fields<EngineMessage> = {
  progress: { progress: isObject },
  pick: { backend: isString, reason: isString },
  info: { version: isCount, info: isObject },
  result: { id: isId, value: isAnything },
  event: { id: isId, event: isObject },
  end: { id: isId },
  error: { id: isId, error: isPacked },
  bye: { why: isPacked },
};

/** @throws DiffusionError `io` if the data is not a message of the caller */
export function readCallerMessage(data: unknown): CallerMessage {
  return read(callerFields, data) as CallerMessage;
}

/** @throws DiffusionError `io` if the data is not a message of the engine's side */
export function readEngineMessage(data: unknown): EngineMessage {
  return read(engineFields, data) as EngineMessage;
}

export function notUnderstood(data: unknown): DiffusionError {
  const message = `Cannot continue as a message between caller and engine is not valid: found ${found(data)}`;
  return new DiffusionError("io", message);
}

/** @throws DiffusionError `unsupported` if the other side has another version */
export function requireVersion(version: number): void {
  if (version === protocolVersion) return;
  const rule = `caller and engine must use version ${protocolVersion} of the protocol`;
  throw new DiffusionError("unsupported", `Cannot connect as ${rule}: found ${version}`);
}

function read(fields: Readonly<Record<string, Readonly<Record<string, Check>>>>, data: unknown): unknown {
  const { type } = (isObject(data) ? data : {}) as { type?: unknown };
  const checks = typeof type === "string" && Object.hasOwn(fields, type) ? fields[type]! : undefined;
  const message = data as Readonly<Record<string, unknown>>;
  if (!checks || Object.entries(checks).some(([name, check]) => !check(message[name])))
    throw notUnderstood(data);
  return data;
}
