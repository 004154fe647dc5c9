/** Schemas made from the core's declarations. */
import { describe, expect, test } from "vitest";
import {
  cachePolicies,
  decoders,
  describeParameter,
  type Parameters,
  requestParameters,
  smoothingParameters,
} from "../../src/core/index.ts";
import { createApp } from "../../src/server/index.ts";
import { parameterSchema } from "../../src/server/schema/declared.ts";
import { camelCase, snakeCase } from "../../src/server/schema/index.ts";
import type { Json } from "./support/tiny.ts";

const declared: readonly (readonly [string, Parameters])[] = [
  ["request", requestParameters],
  ["smoothing", smoothingParameters],
  ...[...decoders, ...cachePolicies].map(({ name, parameters }) => [name, parameters] as const),
];

describe.each(declared.filter(([, parameters]) => Object.keys(parameters).length > 0))(
  "%s",
  (_, parameters) => {
    test.each(Object.entries(parameters))("%s", (name, parameter) => {
      expect(camelCase(snakeCase(name))).toBe(name);
      const schema = parameterSchema(parameter);
      expect(schema.safeParse(parameter.default).success).toBe(true);
      for (const wrong of [{}, [], "?", Number.NaN, undefined]) {
        const result = schema.safeParse(wrong);
        expect(result.success).toBe(false);
        expect(result.error!.issues[0]!.message).toBe(describeParameter(parameter));
      }
      if (parameter.kind !== "number") return;
      const { minimum, maximum, exclusiveMinimum, nullable } = parameter;
      const accepts = (value: unknown) => schema.safeParse(value).success;
      expect(accepts(null)).toBe(nullable);
      if (minimum !== -Infinity)
        expect([accepts(minimum), accepts(minimum - 1)]).toEqual([!exclusiveMinimum, false]);
      if (maximum !== Infinity) expect([accepts(maximum), accepts(maximum + 1)]).toEqual([true, false]);
      if (parameter.integer) expect(accepts((parameter.default ?? 1) + 0.5)).toBe(false);
    });
  },
);

test("/openapi.json has every endpoint, and every parameter with its help", async () => {
  const app = createApp({ models: new Map(), version: "1.2.3" });
  const document: Json = await (await app.request("/openapi.json")).json();
  expect(document).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
  expect(Object.keys(document.paths)).toEqual([
    "/v1/models",
    "/v1/models/{id}",
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/infill",
    "/tokenize",
    "/detokenize",
    "/engine/info/{id}",
    "/engine/status/{id}",
    "/engine/generate",
  ]);
  const text = JSON.stringify(document.paths["/v1/chat/completions"]);
  for (const [, parameters] of declared.slice(1)) {
    for (const [name, { help }] of Object.entries(parameters)) {
      expect(text).toContain(`"${snakeCase(name)}":`);
      expect(text).toContain(JSON.stringify(help));
    }
  }
  const { properties } =
    document.paths["/v1/chat/completions"].post.requestBody.content["application/json"].schema;
  const diffusion = properties.diffusion.anyOf[0].properties;
  const beside = ["temperature", "topP", "seed", "maxTokens", "topLogprobs", "genLength"];
  for (const name of Object.keys(requestParameters).filter((each) => !beside.includes(each)))
    expect(diffusion).toHaveProperty(snakeCase(name));
  expect(diffusion).toHaveProperty("canvas");
});
