/** The endpoints of the API: path, request schema, response schema and handler of each. */
import { type Declared, decoders } from "../core/index.ts";
import type { AppContext } from "./observer.ts";
import type { Operation } from "./openApi.ts";
import { chat } from "./routes/chat.ts";
import { completions } from "./routes/completions.ts";
import { engineGenerate, engineInfo, engineStatus } from "./routes/engine.ts";
import { infill } from "./routes/infill.ts";
import type { Models } from "./routes/models.ts";
import type { RouteOptions } from "./routes/route.ts";
import { detokenize, tokenize } from "./routes/tokenize.ts";
import * as schemas from "./schema/index.ts";

export interface Endpoint extends Operation {
  readonly answer: (c: AppContext) => Response | Promise<Response>;
}

export function endpointsOf(
  models: Models,
  { heartbeatMs, strict }: Pick<RouteOptions, "heartbeatMs" | "strict">,
): readonly Endpoint[] {
  const decoding = decodersOf(models);
  const diffusion = schemas.diffusionSchema(decoding);
  const chats = schemas.chatSchema(diffusion);
  const texts = schemas.completionsSchema(diffusion);
  const holes = schemas.infillSchema(diffusion);
  const engine = schemas.engineGenerateSchema(decoding);
  const bodies = [chats, texts, holes, schemas.tokenizeSchema, schemas.detokenizeSchema, engine];
  const endpointFields = new Set(bodies.flatMap(({ level }) => [...level.own]));
  const options: RouteOptions = { models, heartbeatMs, strict, endpointFields };
  return [
    {
      method: "get",
      path: "/v1/models",
      id: "listModels",
      summary: "Lists the models",
      answers: schemas.modelsAnswers,
      answer: (c) => c.json(models.list),
    },
    {
      method: "get",
      path: "/v1/models/{id}",
      id: "retrieveModel",
      summary: "Describes a model",
      answers: schemas.modelAnswers,
      answer: (c) => c.json(models.describe(c.req.param("id")!)),
    },
    {
      method: "post",
      path: "/v1/chat/completions",
      id: "createChatCompletion",
      summary: "Generates the next message of a conversation",
      schema: chats.schema,
      answers: schemas.chatAnswers,
      answer: (c) => chat(c, chats, options),
    },
    {
      method: "post",
      path: "/v1/completions",
      id: "createCompletion",
      summary: "Completes prompts",
      schema: texts.schema,
      answers: schemas.completionsAnswers,
      answer: (c) => completions(c, texts, options),
    },
    {
      method: "post",
      path: "/v1/infill",
      id: "createInfill",
      summary: "Fills holes in a text, or revises a draft",
      schema: holes.schema,
      answers: schemas.infillAnswers,
      answer: (c) => infill(c, holes, options),
    },
    {
      method: "post",
      path: "/tokenize",
      id: "tokenize",
      summary: "Encodes a text or a conversation to tokens",
      schema: schemas.tokenizeSchema.schema,
      answers: schemas.tokenizeAnswers,
      answer: (c) => tokenize(c, options),
    },
    {
      method: "post",
      path: "/detokenize",
      id: "detokenize",
      summary: "Decodes tokens to text",
      schema: schemas.detokenizeSchema.schema,
      answers: schemas.detokenizeAnswers,
      answer: (c) => detokenize(c, options),
    },
    {
      method: "get",
      path: "/engine/info/{id}",
      id: "retrieveEngineInfo",
      summary: "Describes a model's engine completely",
      answers: schemas.engineInfoAnswers,
      answer: (c) => engineInfo(c, models),
    },
    {
      method: "get",
      path: "/engine/status/{id}",
      id: "retrieveEngineStatus",
      summary: "Reports what an engine has to do and has done",
      answers: schemas.engineStatusAnswers,
      answer: (c) => engineStatus(c, models),
    },
    {
      method: "post",
      path: "/engine/generate",
      id: "generate",
      summary: "Runs a request of the engine and streams all its events",
      schema: engine.schema,
      answers: schemas.engineGenerateAnswers,
      answer: (c) => engineGenerate(c, engine, options),
    },
  ];
}

/** All decoders of all models; the built-in ones if the server has no model. */
function decodersOf({ handles }: Models): readonly Declared[] {
  const known = new Map<string, Declared>();
  for (const { info } of handles) for (const decoder of info.decoders) known.set(decoder.name, decoder);
  return known.size > 0 ? [...known.values()] : decoders;
}
