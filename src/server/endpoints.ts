/** The endpoints of the API: what each is asked for, what it answers, and how. */
import { type Declared, decoders } from "../core/index.ts";
import type { AppContext } from "./observer.ts";
import type { Operation } from "./openApi.ts";
import { chat } from "./routes/chat.ts";
import { completions } from "./routes/completions.ts";
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
  const diffusion = schemas.diffusionSchema(decodersOf(models));
  const chats = schemas.chatSchema(diffusion);
  const texts = schemas.completionsSchema(diffusion);
  const holes = schemas.infillSchema(diffusion);
  const bodies = [chats, texts, holes, schemas.tokenizeSchema, schemas.detokenizeSchema];
  const endpointFields = new Set(bodies.flatMap(({ level }) => [...level.own]));
  const options: RouteOptions = { models, heartbeatMs, strict, endpointFields };
  return [
    {
      method: "get",
      path: "/v1/models",
      id: "listModels",
      summary: "The models",
      answers: schemas.modelsAnswers,
      answer: (c) => c.json(models.list),
    },
    {
      method: "get",
      path: "/v1/models/{id}",
      id: "retrieveModel",
      summary: "A model",
      answers: schemas.modelAnswers,
      answer: (c) => c.json(models.describe(c.req.param("id")!)),
    },
    {
      method: "post",
      path: "/v1/chat/completions",
      id: "createChatCompletion",
      summary: "Answers a conversation",
      schema: chats.schema,
      answers: schemas.chatAnswers,
      answer: (c) => chat(c, chats, options),
    },
    {
      method: "post",
      path: "/v1/completions",
      id: "createCompletion",
      summary: "Answers prompts",
      schema: texts.schema,
      answers: schemas.completionsAnswers,
      answer: (c) => completions(c, texts, options),
    },
    {
      method: "post",
      path: "/v1/infill",
      id: "createInfill",
      summary: "Fills holes, or goes on from a draft",
      schema: holes.schema,
      answers: schemas.infillAnswers,
      answer: (c) => infill(c, holes, options),
    },
    {
      method: "post",
      path: "/tokenize",
      id: "tokenize",
      summary: "The tokens of a text",
      schema: schemas.tokenizeSchema.schema,
      answers: schemas.tokenizeAnswers,
      answer: (c) => tokenize(c, options),
    },
    {
      method: "post",
      path: "/detokenize",
      id: "detokenize",
      summary: "The text of tokens",
      schema: schemas.detokenizeSchema.schema,
      answers: schemas.detokenizeAnswers,
      answer: (c) => detokenize(c, options),
    },
  ];
}

/** All decoders that a model of the server has; the built-in ones where there is no model. */
function decodersOf({ handles }: Models): readonly Declared[] {
  const known = new Map<string, Declared>();
  for (const { info } of handles) for (const decoder of info.decoders) known.set(decoder.name, decoder);
  return known.size > 0 ? [...known.values()] : decoders;
}
