/** Fields that the endpoints share which generate something. */
import * as z from "zod";
import { maxStopTokens, requestParameters } from "../../core/index.ts";
import { bodyFields, streamOptionFields } from "../fields/index.ts";
import { parameterSchema } from "./declared.ts";
import { flag, integerFrom, text } from "./fields.ts";
import { list, tokenList } from "./list.ts";
import { type OpenOptions, open } from "./open.ts";

/** More than OpenAI's four: evaluation harnesses send what their tasks say. */
const mostStops = 16;
/** Choices of a request: `n` times its prompts. */
export const mostChoices = 128;

/** Every step looks for stop texts, and every choice has them. */
const longestStop = 1024;

const stopError = `a text of 1 to ${longestStop} characters`;
const stopText = z
  .string({ error: stopError })
  .min(1, { error: stopError })
  .max(longestStop, { error: stopError });
const stopLists = `${stopError} or a list of at most ${mostStops} of these`;

export const stop = z
  .union([stopText, list(stopText, { maximum: mostStops, error: stopLists })], { error: stopLists })
  .nullish()
  .meta({ description: "where the answer ends" });

/** Of all endpoints that generate. */
export const modelField = text("one of /v1/models; may be left out where there is one").optional();

/** As llama.cpp has it, -1 asks for an answer up to the context, where an absent limit asks for a canvas. */
export const unlimitedTokens = -1;
const limitError = "an integer at least 1, or -1";

export const maxTokens = z
  .union([integerFrom(1, Number.MAX_SAFE_INTEGER), z.literal(unlimitedTokens)], { error: limitError })
  .nullish()
  .meta({ description: "the answer's most tokens; -1 for as many as the context has room for" });

const temperature = parameterSchema(requestParameters.temperature) as z.ZodType<number>;
const topP = parameterSchema(requestParameters.topP) as z.ZodType<number>;
const minP = parameterSchema(requestParameters.minP) as z.ZodType<number>;
const seed = parameterSchema(requestParameters.seed) as z.ZodType<number>;

export const samplingFields = {
  temperature: temperature.nullish().meta({ description: "by default the preset's, else 0" }),
  top_p: topP.nullish(),
  seed: seed.nullish().meta({ description: "choice i has seed + i; by default, and as -1, random" }),
  n: integerFrom(1, mostChoices, "choices a prompt").nullish(),
  top_k: integerFrom(1, Number.MAX_SAFE_INTEGER, "as 'diffusion.top_k'; 0 or -1 is off").optional(),
  min_p: minP.nullish(),
  stop_token_ids: tokenList({ maximum: maxStopTokens, help: "as 'diffusion.stop_tokens'" }).optional(),
};

export const streamOptions = open(
  {
    include_usage: flag("end with a chunk that has the usage").optional(),
    include_steps: flag("add an event a decode step, and the step of each position at the end").optional(),
  },
  { foreign: streamOptionFields, help: "how to stream" },
);
export const streamFields = {
  stream: flag("answer as it comes, as server-sent events").nullish(),
  stream_options: streamOptions.schema.nullish(),
};

/** Of all bodies that ask for an answer. */
export const generationOptions = {
  foreign: bodyFields,
  absent: { seed: [-1], top_k: [-1, 0], suffix: [""] },
  aliases: { n_predict: "max_tokens" },
  inside: { stream_options: streamOptions },
} satisfies OpenOptions;

const promptError = `a text, a list of token ids, or a list of at most ${mostChoices} of these, none of them empty`;
const prompts = { minimum: 1, maximum: mostChoices, error: promptError };
/** One prompt or a list of them, each as text or as token ids. */
export const prompt = z
  .union(
    [
      z.string(),
      list(z.string(), prompts),
      tokenList({ minimum: 1 }),
      list(tokenList({ minimum: 1 }), prompts),
    ],
    { error: promptError },
  )
  .meta({ description: "taken as it is" });
