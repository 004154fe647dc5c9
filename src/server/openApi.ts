/** GET /openapi.json, generated from the schemas that validate requests. */
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
  /** The path template of OpenAPI, for example `/v1/models/{id}`. */
  readonly path: string;
  /** The `operationId`, which client generators use as method name. */
  readonly id: string;
  readonly summary: string;
  /** The schema of the request body. */
  readonly schema?: z.ZodType;
  readonly answers: Partial<Answers>;
}

export interface OpenApiOptions {
  readonly version: string;
  /** Whether requests need an API key. */
  readonly keys: boolean;
}

const errorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable().meta({ description: "the invalid field" }),
      code: z.string(),
    }),
  })
  .meta({ id: "Error" });

/** Error responses of every endpoint. */
const failures = {
  "429": "Too many requests: retry after `Retry-After`",
  "500": "The server failed",
  "503": "The model is unavailable, or the server is shutting down: retry after `Retry-After`",
};
const keyFailures = { "401": "The API key is missing or not valid" };
/** Error responses of endpoints with a request body. */
const bodyFailures = {
  "400": "The request is not valid, or longer than the context",
  "404": "Unknown model",
  "408": "The body did not arrive in time",
  "413": "The body is too large",
  "415": "The content encoding of the body is not supported",
  "504": "The request's deadline has passed",
  "507": "The server has not enough memory for the request",
};

/** The name of an error's component, which the operations refer to. */
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
      description: "Diffusion language models with the OpenAI API.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/", description: "The server of this document" }],
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
  const whole = answers.whole && { "application/json": { schema: answers.whole } };
  const events = answers.event && { "text/event-stream": { schema: answers.event } };
  const described: ZodOpenApiOperationObject = {
    operationId: id,
    summary,
    ...(names.length > 0 && { requestParams: { path: z.object(Object.fromEntries(names)) } }),
    ...(schema && { requestBody: { required: true, content: { "application/json": { schema } } } }),
    responses: {
      "200": {
        description: "The response",
        ...(schema && { headers: ignoredHeaders }),
        content: { ...whole, ...events },
      },
      ...failuresOf(schema !== undefined, names.length > 0, keys),
    },
  };
  return described;
}

const ignoredHeaders = z.object({
  "x-unmask-ignored-fields": z.string().optional().meta({
    description: "the ignored fields of the request; absent if there are none",
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
