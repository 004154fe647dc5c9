/** Errors and reasons as plain data: structured cloning would lose their classes and codes, or refuse. */
import { DiffusionError, type DiffusionErrorCode } from "../core/index.ts";
import { isJsonObject } from "../core/jsonObject.ts";

/** A thrown value on its way: an error by its parts, a value that can be cloned, or the text of one that cannot. */
export type Packed =
  | { readonly kind: "error"; readonly error: PackedError }
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "text"; readonly value: string };

export interface PackedError {
  /** A class that the other side has; `Error` for any other. */
  readonly className: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause?: Packed;
  /** Those of an AggregateError. */
  readonly errors?: readonly Packed[];
  /** Own fields beside these, as `code` and `path` of a system error. */
  readonly fields: Readonly<Record<string, Packed>>;
}

/** Causes of causes beyond this many are told as text: a cause may be its own. */
const mostCauses = 16;

const classes: Readonly<Record<string, new (message: string) => Error>> = {
  ...{ Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError },
};

/** Never fails: what cannot be taken apart or cloned becomes its text. */
export function pack(value: unknown, depth = 0): Packed {
  try {
    if (value instanceof Error && depth < mostCauses)
      return { kind: "error", error: packError(value, depth) };
    if (!(value instanceof Error)) return { kind: "value", value: structuredClone(value) };
  } catch {
    // A function, a getter that throws, a proxy.
  }
  return { kind: "text", value: textOf(value) };
}

/** Whether what came from the other side can be unpacked. */
export function isPacked(value: unknown): value is Packed {
  if (!isJsonObject(value)) return false;
  if (value["kind"] === "value") return "value" in value;
  if (value["kind"] === "text") return typeof value["value"] === "string";
  const { error } = value;
  if (value["kind"] !== "error" || !isJsonObject(error)) return false;
  const { cause, errors = [], fields } = error;
  return (
    ["className", "name", "message"].every((key) => typeof error[key] === "string") &&
    ["string", "undefined"].includes(typeof error["stack"]) &&
    (cause === undefined || isPacked(cause)) &&
    Array.isArray(errors) &&
    errors.every(isPacked) &&
    isJsonObject(fields) &&
    Object.values(fields).every(isPacked)
  );
}

export function unpack(packed: Packed): unknown {
  return packed.kind === "error" ? unpackError(packed.error) : packed.value;
}

function packError(error: Error, depth: number): PackedError {
  const { name, message, stack } = error;
  const known = ["name", "message", "stack", "cause"];
  const fields = Object.keys(error).filter((key) => !known.includes(key));
  const packField = (key: string) => [key, pack(error[key as keyof Error], depth + 1)] as const;
  return {
    className: classOf(error),
    ...{
      name: String(name),
      message: String(message),
      stack: stack === undefined ? undefined : String(stack),
    },
    ...(Object.hasOwn(error, "cause") && { cause: pack(error.cause, depth + 1) }),
    ...(error instanceof AggregateError && { errors: error.errors.map((each) => pack(each, depth + 1)) }),
    fields: Object.fromEntries(fields.map(packField)),
  };
}

function classOf(error: Error): string {
  // By name: a bundle may hold the class twice.
  if (error.name === "DiffusionError" && "code" in error) return "DiffusionError";
  if (error instanceof AggregateError) return "AggregateError";
  if (error instanceof DOMException) return "DOMException";
  const entry = Object.entries(classes).find(([, known]) => error.constructor === known);
  return entry?.[0] ?? "Error";
}

function unpackError({ className, name, message, stack, cause, errors, fields }: PackedError): Error {
  const own = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, unpack(field)]));
  const error = make();
  if (cause && !Object.hasOwn(error, "cause")) define("cause", unpack(cause));
  if (error.name !== name) define("name", name);
  if (stack !== undefined) define("stack", stack);
  return className === "DiffusionError" ? error : Object.assign(error, own);

  function make(): Error {
    if (className === "DiffusionError") {
      const options = cause ? { cause: unpack(cause) } : {};
      return new DiffusionError(own["code"] as DiffusionErrorCode, message, options);
    }
    if (className === "AggregateError") return new AggregateError((errors ?? []).map(unpack), message);
    if (className === "DOMException") return new DOMException(message, name);
    return new (classes[className] ?? Error)(message);
  }
  function define(key: string, value: unknown): void {
    Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: false });
  }
}

function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that has no text";
  }
}
