/** GET /openapi.json: from the schemas that requests are checked with. */
import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { Answers } from "./schema/index.ts";

export interface Operation {
  readonly method: "get" | "post";
  /** As in OpenAPI: `/v1/models/{id}`. */
  readonly path: string;
  /** Which generators of clients name it by. */
  readonly id: string;
  readonly summary: string;
  /** Of the body. */
  readonly schema?: z.ZodType;
  readonly answers: Answers;
}

export interface OpenApiOptions {
  readonly version: string;
  /** Whether requests need a key. */
  readonly keys: boolean;
}

const errorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable().meta({ description: "the field that is wrong" }),
      code: z.string(),
    }),
  })
  .meta({ id: "Error" });

/** What any endpoint answers instead; those that read a body have more. */
const failures = {
  "429": "Too many requests are under way: again after `Retry-After`",
  "500": "The server failed",
  "503": "The model is lost, or the server is shutting down: again after `Retry-After`",
};
const keyFailures = { "401": "The key is missing or not known" };
const bodyFailures = {
  "400": "The request is not valid, or longer than the context",
  "404": "There is no such model",
  "408": "The body did not arrive in time",
  "413": "The body is too large",
  "415": "The body's encoding is not read",
  "504": "The request's deadline has passed",
  "507": "The request is larger than the server has memory for",
};

/** Names of errors: components that every operation refers to. */
const nameOf = (status: string) => `Error${status}`;

export function openApi(operations: readonly Operation[], { version, keys }: OpenApiOptions): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const described = describeOperation(operation, keys);
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described };
  }
  const responses = Object.entries({ ...failures, ...(keys && keyFailures), ...bodyFailures }).map(
    ([status, description]) =>
      [nameOf(status), { description, content: { "application/json": { schema: errorSchema } } }] as const,
  );
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "unmask",
      version,
      description: "Diffusion language models behind the OpenAI API.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "Where this document comes from" }],
    security: keys ? [{ key: [] }] : [],
    paths,
    components: {
      responses: Object.fromEntries(responses),
      ...(keys && { securitySchemes: { key: { type: "http", scheme: "bearer" } } }),
    },
  });
}

function describeOperation({ path, id, summary, schema, answers }: Operation, keys: boolean) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, z.string()] as const);
  const events = answers.event && { "text/event-stream": { schema: answers.event } };
  const described: ZodOpenApiOperationObject = {
    operationId: id,
    summary,
    ...(names.length > 0 && { requestParams: { path: z.object(Object.fromEntries(names)) } }),
    ...(schema && { requestBody: { required: true, content: { "application/json": { schema } } } }),
    responses: {
      "200": {
        description: "The answer",
        ...(schema && { headers: ignoredHeaders }),
        content: { "application/json": { schema: answers.whole }, ...events },
      },
      ...failuresOf(schema !== undefined, names.length > 0, keys),
    },
  };
  return described;
}

const ignoredHeaders = z.object({
  "x-unmask-ignored-fields": z.string().optional().meta({
    description: "fields of the request that nobody read; absent where there was none",
  }),
});

function failuresOf(hasBody: boolean, hasName: boolean, keys: boolean): ZodOpenApiResponsesObject {
  const statuses = [
    ...Object.keys(failures),
    ...(keys ? Object.keys(keyFailures) : []),
    ...(hasBody ? Object.keys(bodyFailures) : []),
    ...(hasName ? ["404"] : []),
  ];
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
  ) as unknown as ZodOpenApiResponsesObject;
}
