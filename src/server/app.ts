/** The HTTP API as a Hono app: it runs on whatever has `Request` and `Response`, and knows no sockets. */
import { Hono } from "hono";
import { type Declared, DiffusionError, decoders, type EngineHandle } from "../core/index.ts";
import { ApiError, apiErrorOf } from "./apiError.ts";
import {
  type AppContext,
  type AppEnv,
  type AppMiddleware,
  Observation,
  type ServerObserver,
} from "./observer.ts";
import { type Operation, openApi } from "./openApi.ts";
import { chat } from "./routes/chat.ts";
import { completions } from "./routes/completions.ts";
import { infill } from "./routes/infill.ts";
import { Models } from "./routes/models.ts";
import { detokenize, tokenize } from "./routes/tokenize.ts";
import {
  chatAnswers,
  chatSchema,
  completionsAnswers,
  completionsSchema,
  detokenizeAnswers,
  detokenizeSchema,
  diffusionSchema,
  infillAnswers,
  infillSchema,
  modelAnswers,
  modelsAnswers,
  tokenizeAnswers,
  tokenizeSchema,
} from "./schema/index.ts";

export interface AppOptions {
  /** By the names that requests choose them by. */
  readonly models: ReadonlyMap<string, EngineHandle>;
  /** They run in this order before any endpoint, unknown ones too: keys, limits. What they throw is answered. */
  readonly before?: readonly AppMiddleware[];
  readonly observer?: ServerObserver;
  /** A silent stream sends a comment so often. Default 15 s. */
  readonly heartbeatMs?: number;
  /** As /openapi.json tells it. */
  readonly version?: string;
}

interface Endpoint extends Operation {
  readonly answer: (c: AppContext) => Response | Promise<Response>;
}

export function createApp({
  models: handles,
  before = [],
  observer = {},
  heartbeatMs = 15_000,
  version = "0",
}: AppOptions): Hono<AppEnv> {
  const models = new Models(handles);
  const endpoints = endpointsOf(models, heartbeatMs);
  const document = openApi(endpoints, version);
  const app = new Hono<AppEnv>();
  app.use(observed(observer, endpoints));
  for (const middleware of before) app.use(middleware);
  for (const { method, path, answer } of endpoints) app.on(method, routeOf(path), answer);
  app.get("/openapi.json", (c) => c.json(document));
  app.notFound((c) => refused(unknownPath(c.req.method, c.req.path, endpoints), c));
  app.onError((error, c) => refused(error, c));
  return app;
}

function endpointsOf(models: Models, heartbeatMs: number): readonly Endpoint[] {
  const options = { models, heartbeatMs };
  const diffusion = diffusionSchema(decodersOf(models));
  const chats = chatSchema(diffusion);
  const texts = completionsSchema(diffusion);
  const holes = infillSchema(diffusion);
  const post = { method: "post" } as const;
  const get = { method: "get" } as const;
  return [
    {
      ...{ ...get, path: "/v1/models", summary: "The models", answers: modelsAnswers },
      answer: (c) => c.json(models.list),
    },
    {
      ...{ ...get, path: "/v1/models/{id}", summary: "A model", answers: modelAnswers },
      answer: (c) => c.json(models.describe(c.req.param("id")!)),
    },
    {
      ...{ ...post, path: "/v1/chat/completions", summary: "Answers a conversation", schema: chats },
      ...{ answers: chatAnswers, answer: (c) => chat(c, chats, options) },
    },
    {
      ...{ ...post, path: "/v1/completions", summary: "Answers prompts", schema: texts },
      ...{ answers: completionsAnswers, answer: (c) => completions(c, texts, options) },
    },
    {
      ...{ ...post, path: "/v1/infill", summary: "Fills holes, or goes on from a draft", schema: holes },
      ...{ answers: infillAnswers, answer: (c) => infill(c, holes, options) },
    },
    {
      ...{ ...post, path: "/tokenize", summary: "The tokens of a text", schema: tokenizeSchema },
      ...{ answers: tokenizeAnswers, answer: (c) => tokenize(c, options) },
    },
    {
      ...{ ...post, path: "/detokenize", summary: "The text of tokens", schema: detokenizeSchema },
      ...{ answers: detokenizeAnswers, answer: (c) => detokenize(c, options) },
    },
  ];
}

/** All decoders that a model of the server has; the built-in ones where there is no model. */
function decodersOf({ handles }: Models): readonly Declared[] {
  const known = new Map<string, Declared>();
  for (const { info } of handles) for (const decoder of info.decoders) known.set(decoder.name, decoder);
  return known.size > 0 ? [...known.values()] : decoders;
}

/** A model's name may have slashes. */
function routeOf(path: string): string {
  return path.replace("{id}", ":id{.+}");
}

const plainId = /^[\w.-]{1,128}$/;

function observed(observer: ServerObserver, endpoints: readonly Endpoint[]): AppMiddleware {
  return async (c, next) => {
    const { method, path } = c.req;
    const given = c.req.header("x-request-id") ?? "";
    const id = plainId.test(given) ? given : crypto.randomUUID();
    const observation = new Observation({ id, method, endpoint: endpointOf(path, endpoints) }, observer);
    c.set("observation", observation);
    await next();
    c.res.headers.set("x-request-id", id);
    if (!observation.stream) observation.end(c.res.status);
  };
}

function endpointOf(path: string, endpoints: readonly Operation[]): string {
  const matching = endpoints.find((each) => matches(each.path, path))?.path;
  return matching ?? (path === "/openapi.json" ? path : "unknown");
}

function matches(template: string, path: string): boolean {
  if (!template.endsWith("{id}")) return template === path;
  const start = template.slice(0, -"{id}".length);
  return path.startsWith(start) && path.length > start.length;
}

function unknownPath(method: string, path: string, endpoints: readonly Operation[]): ApiError {
  const other = endpoints.find((each) => matches(each.path, path))?.method.toUpperCase();
  if (other !== undefined) {
    const message = `Cannot answer as ${path} must be asked with ${other}: found ${method}`;
    return new ApiError(405, "method_not_allowed", message, { headers: { allow: other } });
  }
  return new ApiError(404, "unknown_endpoint", `Cannot answer as there is no such endpoint: found ${path}`);
}

function refused(error: unknown, c: AppContext): Response {
  const refusal = apiErrorOf(error);
  const { observation } = c.var;
  observation.note({ errorCode: refusal.code });
  if (error instanceof DiffusionError && error.code === "aborted") observation.noteAbort();
  // 499 has no reader, and no place among the statuses that a Response may be made of in some runtimes.
  return new Response(JSON.stringify(refusal.body), {
    status: refusal.status,
    headers: { ...refusal.headers, "content-type": "application/json" },
  });
}
