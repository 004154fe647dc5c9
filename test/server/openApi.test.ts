/** /openapi.json is valid for linters and client generators. */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { expect, test } from "vitest";
import { createApp } from "../../src/server/index.ts";
import type { Json } from "./support/tiny.ts";

async function documentOf(keys: boolean): Promise<string> {
  const app = createApp({ models: new Map(), version: "1.2.3", keys });
  return (await app.request("/openapi.json")).text();
}

test.each([false, true])("a linter finds no errors and no warnings (with keys: %s)", async (keys) => {
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source: await documentOf(keys), config });
  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

test("the linter finds missing parts", async () => {
  const { servers: _, security: __, ...document } = JSON.parse(await documentOf(true)) as Json;
  delete document.paths["/tokenize"].post.operationId;
  const config = await createConfig({ extends: ["recommended-strict"] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  const rules = problems.map(({ ruleId }) => ruleId);
  for (const rule of ["no-empty-servers", "security-defined", "operation-operationId"])
    expect(rules).toContain(rule);
});

test("every operation has an ID and error responses, and a 401 if keys are required", async () => {
  const open: Json = JSON.parse(await documentOf(false));
  const closed: Json = JSON.parse(await documentOf(true));
  expect([open.servers, closed.servers]).toEqual(Array(2).fill([expect.objectContaining({ url: "/" })]));
  expect([open.security, closed.security]).toEqual([[], [{ key: [] }]]);
  expect(closed.components.securitySchemes).toEqual({ key: { type: "http", scheme: "bearer" } });
  const operations = (document: Json): Json[] =>
    Object.values(document.paths as Json).flatMap((item) => Object.values(item as Json));
  const ids = operations(open).map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(10);
  for (const { requestBody, responses } of operations(open)) {
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(["200", "429", "500", "503"]));
    expect("400" in responses).toBe(requestBody !== undefined);
    expect("401" in responses).toBe(false);
  }
  for (const { responses } of operations(closed)) expect(responses).toHaveProperty("401");
});

test("every field has a type or a description", async () => {
  const document: Json = JSON.parse(await documentOf(false));
  const { properties } =
    document.paths["/v1/chat/completions"].post.requestBody.content["application/json"].schema;
  expect(properties.messages).toMatchObject({ type: "array", minItems: 1 });
  expect(properties.messages.items.properties.content.anyOf[1].items.properties).toHaveProperty("text");
  expect(properties.frequency_penalty.enum).toEqual([0, null]);
  for (const [name, field] of Object.entries(properties as Json)) {
    const { description, type, anyOf, oneOf, $ref } = field as Json;
    expect([name, description ?? type ?? anyOf ?? oneOf ?? $ref]).not.toEqual([name, undefined]);
  }
});
