/** Errors that cross a port. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DiffusionError, type DiffusionErrorCode } from "../../src/core/index.ts";
import { connected, scriptedEngine } from "./ports.ts";

const codes: Record<DiffusionErrorCode, true> = {
  "invalid-request": true,
  "not-found": true,
  "invalid-file": true,
  "invalid-weights": true,
  unsupported: true,
  text: true,
  "context-exceeded": true,
  "out-of-memory": true,
  numeric: true,
  aborted: true,
  disposed: true,
  io: true,
  "device-lost": true,
  "deadline-exceeded": true,
  internal: true,
};

let thrown: unknown;
const fail = async () => {
  throw thrown;
};
const { engine } = await connected(
  scriptedEngine({
    status: fail,
    async *generate() {
      yield* [];
      throw thrown;
    },
  }),
);

/** Throws a value on the engine's side; returns the caller's error, which is the same for a call and for a stream. */
async function across(value: unknown): Promise<unknown> {
  thrown = value;
  const caught = (error: unknown) => ({ error });
  const both = await Promise.all([engine.status().catch(caught), engine.generate({}).next().catch(caught)]);
  const [called, streamed] = both.map((outcome) => (outcome as { error: unknown }).error);
  expect(parts(streamed)).toEqual(parts(called));
  return called;
}

/** The parts of an error, for a comparison field by field. */
function parts(value: unknown): unknown {
  if (!(value instanceof Error)) return structuredClone(value);
  return {
    class: value.constructor,
    fields: Object.fromEntries(Object.entries(value).map(([key, field]) => [key, parts(field)])),
    name: value.name,
    message: value.message,
    stack: value.stack,
    hasCause: Object.hasOwn(value, "cause"),
    cause: parts(value.cause),
    errors: value instanceof AggregateError ? value.errors.map(parts) : [],
  };
}

const { error: anyError } = fc.letrec((tie) => {
  const options = fc.oneof(fc.constant({}), fc.record({ cause: tie("cause") }));
  const message = fc.string({ unit: "binary" });
  return {
    cause: fc.oneof(
      { maxDepth: 3 },
      fc.anything({ withDate: true, withMap: true, withBigInt: true }),
      tie("error"),
    ),
    error: fc.oneof(
      fc
        .tuple(fc.constantFrom(...(Object.keys(codes) as DiffusionErrorCode[])), message, options)
        .map((args) => new DiffusionError(...args)),
      fc
        .tuple(fc.constantFrom(Error, TypeError, RangeError, SyntaxError), message, options)
        .map(([Class, text, init]) => new Class(text, init)),
      fc
        .tuple(message, fc.constantFrom("AbortError", "TimeoutError", "DataCloneError"))
        .map((args) => new DOMException(...args)),
      fc
        .tuple(fc.array(tie("error"), { maxLength: 2 }), message)
        .map(([errors, text]) => new AggregateError(errors as Error[], text)),
      fc
        .record({ code: fc.constantFrom("ENOENT", "EPIPE"), errno: fc.integer(), path: message })
        .map((fields) => Object.assign(new Error("system"), fields)),
    ),
  };
});

test("errors are equal on both sides, field by field, with their causes", async () => {
  await fc.assert(
    fc.asyncProperty(anyError, async (error) => {
      expect(parts(await across(error))).toEqual(parts(error));
    }),
    { numRuns: 300 },
  );
});

test.each(Object.keys(codes) as DiffusionErrorCode[])(
  "a DiffusionError with the code '%s' keeps class, code, message and cause",
  async (code) => {
    const cause = new TypeError("why", { cause: "deeper" });
    const error = (await across(new DiffusionError(code, "Cannot", { cause }))) as DiffusionError;
    expect(error).toBeInstanceOf(DiffusionError);
    expect([error.code, error.message]).toEqual([code, "Cannot"]);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(error.cause).toMatchObject({ message: "why", cause: "deeper" });
  },
);

const thrower = () => {
  throw new Error("a getter that throws");
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const own = new Error("its own");
own.cause = own;
class Mine extends Error {
  override readonly name = "Mine";
  readonly work = () => {};
}

test.each<[string, unknown, unknown]>([
  ["a function", () => 1, "() => 1"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["an object with a function in it", { toString: () => "text" }, "text"],
  [
    "a getter that throws",
    Object.defineProperty({}, "x", { enumerable: true, get: thrower }),
    "[object Object]",
  ],
  ["an object without text", { toString: 1, valueOf: thrower }, "a value without text"],
  ["a revoked proxy", revoked.proxy, "a value without text"],
  ["undefined", undefined, undefined],
  ["null", null, null],
])("a cause that is %s becomes its clone or its text", async (_, cause, found) => {
  const error = await across(new DiffusionError("io", "Cannot", { cause }));
  expect(error).toMatchObject({ code: "io", message: "Cannot" });
  expect((error as Error).cause).toEqual(found);
  expect(await across(cause)).toEqual(found);
});

test("an error that is its own cause is cut at a depth of 16", async () => {
  let error = (await across(own)) as { message: string; cause: unknown } | string;
  let depth = 0;
  while (typeof error === "object" && depth++ < 100) {
    expect(error.message).toBe("its own");
    error = error.cause as typeof error;
  }
  expect([error, depth]).toEqual(["Error: its own", 16]);
});

test("an error of another class keeps its name and its fields", async () => {
  const error = (await across(new Mine("text"))) as Mine;
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.message, error.work]).toEqual(["Mine", "text", String(new Mine().work)]);
});

test("arguments that cannot be cloned are rejected, and the connection continues", async () => {
  const request = { prompt: (() => "x") as unknown as string };
  await expect(engine.generate(request).next()).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringMatching(
      /^Cannot send the request to the engine as it must be plain data: .*DataCloneError/,
    ),
  });
  await expect(engine.tokenize(Symbol("x") as unknown as string)).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringMatching(/^Cannot send the arguments of 'tokenize'/),
  });
  expect(await across(new RangeError("still there"))).toMatchObject({ message: "still there" });
});

test("a result that cannot be cloned is an error", async () => {
  const odd = await connected(scriptedEngine({ detokenize: async () => (() => 1) as unknown as string }));
  await expect(odd.engine.detokenize([])).rejects.toMatchObject({ name: "DataCloneError" });
  await odd.engine.dispose();
});
