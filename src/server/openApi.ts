/** GET /openapi.json: from the schemas that requests are checked with. */
import * as z from "zod";
import type { Answers } from "./schema/index.ts";

export interface Operation {
  readonly method: "get" | "post";
  /** As in OpenAPI: `/v1/models/{id}`. */
  readonly path: string;
  readonly summary: string;
  /** Of the body. */
  readonly schema?: z.ZodType;
  readonly answers: Answers;
}

const errorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable().meta({ description: "the field that is wrong" }),
    code: z.string(),
  }),
});

export function openApi(operations: readonly Operation[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describeOperation(operation) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "unmask", version, description: "Diffusion language models behind the OpenAI API." },
    paths,
    components: { schemas: { Error: jsonSchema(errorSchema) } },
  };
}

function describeOperation({ path, summary, schema, answers }: Operation): object {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const parameters = names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const error = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(schema && {
      requestBody: { required: true, content: { "application/json": { schema: jsonSchema(schema) } } },
    }),
    responses: {
      "200": {
        description: "The answer",
        content: {
          "application/json": { schema: jsonSchema(answers.whole) },
          ...(answers.event && { "text/event-stream": { schema: jsonSchema(answers.event) } }),
        },
      },
      default: { description: "An error", content: error },
    },
  };
}

function jsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
