/** Random requests that are valid, nearly valid, or arbitrary: each gets a result or an error in the API's format. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../src/core/index.ts";
import { scripted } from "./support/scripted.ts";
import { parseEvents } from "./support/sse.ts";
import { type App, appOf, type Json, loadTiny, withCanvas } from "./support/tiny.ts";

type Schema = Json;

/** Random values that match a JSON schema of /openapi.json. */
function valid(schema: Schema): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const options = (schema.anyOf ?? schema.oneOf)?.filter((option: Schema) => !option.not);
  if (options) return fc.oneof(...options.map(valid));
  switch (schema.type) {
    case "object":
      return objectOf(schema);
    case "array":
      return fc.array(valid(schema.items), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case "string":
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: 6 });
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({
        min: Math.max(schema.minimum ?? -4, -4),
        max: Math.min(schema.maximum ?? 8, 8),
      });
    case "number":
      return fc.double({
        min: schema.minimum ?? schema.exclusiveMinimum ?? -4,
        max: Math.min(schema.maximum ?? 4, 4),
        noNaN: true,
      });
    case "null":
      return fc.constant(null);
    case undefined:
      // A field of other servers that accepts any value.
      if (Object.keys(schema).every((key) => key === "description")) return fc.jsonValue({ maxDepth: 2 });
      throw new Error(`No values for ${JSON.stringify(schema)}`);
    default:
      throw new Error(`No values for ${JSON.stringify(schema)}`);
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<unknown> {
  if (typeof additionalProperties === "object" && Object.keys(additionalProperties).length > 0)
    return fc.dictionary(fc.string({ maxLength: 3 }), valid(additionalProperties), { maxKeys: 2 });
  // Few fields at a time, as most combinations of many fields are rejected.
  const names = Object.keys(properties).filter((name) => !required.includes(name));
  const chosen = fc.subarray(names, { maxLength: Math.min(3, names.length) });
  return chosen.chain((optional) =>
    fc.record(Object.fromEntries([...required, ...optional].map((name) => [name, valid(properties[name])]))),
  );
}

/** A body with one value replaced, removed or added at any depth. */
function mutated(body: unknown, [where, what, how]: [number, unknown, number]): unknown {
  if (typeof body !== "object" || body === null) return what;
  const keys = Object.keys(body);
  const key = keys[where % Math.max(1, keys.length)];
  const copy: Json = Array.isArray(body) ? [...body] : { ...body };
  if (key === undefined || how === 0) copy[`x${where}`] = what;
  else if (how === 1) delete copy[key];
  else if (how === 2) copy[key] = what;
  else copy[key] = mutated(copy[key], [Math.floor(where / 7), what, how % 3]);
  return copy;
}

const mutation = fc.tuple(fc.nat(1000), fc.jsonValue({ maxDepth: 2 }), fc.nat(6)) as fc.Arbitrary<
  [number, unknown, number]
>;

const paths = [
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/infill",
  "/tokenize",
  "/detokenize",
  "/engine/generate",
];

interface Fuzzed {
  readonly path: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

async function requestsOf(app: App): Promise<fc.Arbitrary<Fuzzed>> {
  const document: Json = await (await app.request("/openapi.json")).json();
  const bodies = paths.map((path) => {
    const { schema } = document.paths[path].post.requestBody.content["application/json"];
    const named = valid(schema).map((body) => ({ ...(body as object), model: "tiny" }));
    return fc.oneof(
      { weight: 3, arbitrary: named.map((body) => ({ path, body: JSON.stringify(body) })) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(named, mutation)
          .map(([body, change]) => ({ path, body: JSON.stringify(mutated(body, change)) ?? "" })),
      },
      { weight: 1, arbitrary: fc.json().map((body) => ({ path, body })) },
      { weight: 1, arbitrary: fc.string().map((body) => ({ path, body })) },
      {
        weight: 1,
        arbitrary: fc.uint8Array({ maxLength: 20 }).map((body) => ({ path, body: body.slice() })),
      },
    );
  });
  return fc.oneof(...bodies);
}

/** Sends a request and checks the format of the response. @returns the status */
async function send(app: App, { path, body }: Fuzzed): Promise<number> {
  const response = await app.request(path, { method: "POST", body });
  const text = await response.text();
  if (response.status === 200) {
    const streams = response.headers.get("content-type")!.startsWith("text/event-stream");
    const last = streams ? parseEvents(text).at(-1)!.data : JSON.parse(text);
    expect(last === "[DONE]" || typeof last === "object").toBe(true);
    if (!last?.error) return 200;
    // A deadline may pass during a stream.
    if (last.error.code === "deadline_exceeded") return 504;
    throw new Error(text);
  }
  const { error } = JSON.parse(text);
  expect(Object.keys(error).sort()).toEqual(["code", "message", "param", "type"]);
  expect(error.message).toMatch(/^(Cannot|Unknown model) /);
  expect(error.message.length).toBeLessThan(1500);
  return response.status;
}

async function fuzz(app: App, runs: number): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(await requestsOf(app), async (request) => {
      const status = await send(app, request);
      const late = /deadline_?ms/i.test(String(request.body)) ? [504] : [];
      expect([200, 400, 404, 507, ...late]).toContain(status);
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }),
    { numRuns: runs },
  );
  return counts;
}

test("10,000 requests", async () => {
  const counts = await fuzz(appOf(scripted().handle), 10_000);
  // Both valid and invalid requests are frequent.
  expect(counts.get(200)).toBeGreaterThan(1000);
  expect(counts.get(400)).toBeGreaterThan(1000);
}, 600_000);

let engine: Engine;
beforeAll(async () => {
  engine = await loadTiny();
});
afterAll(() => engine.dispose());

test("300 requests to models/tiny", async () => {
  const counts = await fuzz(appOf(withCanvas(engine, 8)), 300);
  expect(counts.get(200)).toBeGreaterThan(20);
  expect((await engine.status()).active).toBe(0);
}, 600_000);

test.each([
  ["deep nesting", "[".repeat(200_000)],
  ["deep nesting in a field", `{"model": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
  [
    "a decoder named like a property of Object.prototype",
    '{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "diffusion": {"decoder": {"name": "constructor"}}}',
  ],
  ["half a character", '{"model": "tiny", "messages": [{"role": "user", "content": "\\ud800"}]}'],
  ["infinity", '{"model": "tiny", "messages": [{"role": "user", "content": "a"}], "temperature": 1e999}'],
])("%s is rejected", async (_, body) => {
  const app = appOf(engine);
  expect(await send(app, { path: "/v1/chat/completions", body })).toBe(400);
});
