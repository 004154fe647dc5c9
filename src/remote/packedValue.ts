/** Converts errors and abort reasons to plain data, as structured cloning loses classes and codes, or fails. */
import { DiffusionError, type DiffusionErrorCode } from "../core/index.ts";
import { isJsonObject } from "../core/jsonObject.ts";

/** A thrown value as plain data: an error by its parts, a value that can be cloned, or the text of any other value. */
export type Packed =
  | { readonly kind: "error"; readonly error: PackedError }
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "text"; readonly value: string };

export interface PackedError {
  /** A class that both sides have; `Error` for other classes. */
  readonly className: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause?: Packed;
  /** The errors of an AggregateError. */
  readonly errors?: readonly Packed[];
  /** Other own fields, for example `code` and `path` of a system error. */
  readonly fields: Readonly<Record<string, Packed>>;
}

/** Errors at a greater depth become text, as an error may be its own cause. */
const maxDepth = 16;

const classes: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Never throws: a value that cannot be packed or cloned becomes its text. */
export function pack(value: unknown, depth = 0): Packed {
  try {
    if (value instanceof Error && depth < maxDepth) return { kind: "error", error: packError(value, depth) };
    if (!(value instanceof Error)) return { kind: "value", value: structuredClone(value) };
  } catch {
    // A function, a getter that throws, or a revoked proxy.
  }
  return { kind: "text", value: textOf(value) };
}

/** Whether data from the other side can be unpacked. */
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
    name: String(name),
    message: String(message),
    stack: stack === undefined ? undefined : String(stack),
    ...(Object.hasOwn(error, "cause") && { cause: pack(error.cause, depth + 1) }),
    ...(error instanceof AggregateError && { errors: error.errors.map((each) => pack(each, depth + 1)) }),
    fields: Object.fromEntries(fields.map(packField)),
  };
}

function classOf(error: Error): string {
  // By name and not by `instanceof`: a bundle may contain the class twice.
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
    return "a value without text";
  }
}
