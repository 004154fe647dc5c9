/** Fields that all generating endpoints share. */
import * as z from "zod";
import { maxStopTokens, requestParameters } from "../../core/index.ts";
import { bodyFields, streamOptionFields } from "../fields/index.ts";
import { array, tokenArray } from "./array.ts";
import { parameterSchema } from "./declared.ts";
import { flag, integerFrom, text } from "./fields.ts";
import { type OpenOptions, open } from "./open.ts";

/** More than OpenAI's four, as tasks of evaluation harnesses need more. */
const maxStops = 16;
/** Maximum number of choices of a request: `n` times its prompts. */
export const maxChoices = 128;

/** Length of a stop string: every decode step of every choice searches for it. */
const maxStopLength = 1024;

const stopError = `a string of 1 to ${maxStopLength} characters`;
const stopString = z
  .string({ error: stopError })
  .min(1, { error: stopError })
  .max(maxStopLength, { error: stopError });
const stopsError = `an array of at most ${maxStops} strings of 1 to ${maxStopLength} characters`;
export const stopStrings = array(stopString, { maxItems: maxStops, error: stopsError });
const oneOrMoreError = `${stopError} or an array of at most ${maxStops} such strings`;

export const stop = z
  .union([stopString, array(stopString, { maxItems: maxStops, error: oneOrMoreError })], {
    error: oneOrMoreError,
  })
  .nullish()
  .meta({ description: "strings that end the answer" });

/** The field `model` of all endpoints. */
export const modelField = text("one of /v1/models; optional if the server has one model").optional();

/** As in llama.cpp, -1 limits the answer by the context only. Without a limit the answer is at most one canvas long. */
export const unlimitedTokens = -1;
const limitError = "an integer at least 1, or -1";

export const maxTokens = z
  .union([integerFrom(1, Number.MAX_SAFE_INTEGER), z.literal(unlimitedTokens)], { error: limitError })
  .nullish()
  .meta({ description: "maximum number of tokens of the answer; -1 for as many as fit the context" });

const temperature = parameterSchema(requestParameters.temperature) as z.ZodType<number>;
const topP = parameterSchema(requestParameters.topP) as z.ZodType<number>;
const minP = parameterSchema(requestParameters.minP) as z.ZodType<number>;
const seed = parameterSchema(requestParameters.seed) as z.ZodType<number>;

export const samplingFields = {
  temperature: temperature.nullish().meta({ description: "default: the preset's, else 0" }),
  top_p: topP.nullish(),
  seed: seed.nullish().meta({ description: "choice i uses seed + i; random by default and for -1" }),
  n: integerFrom(1, maxChoices, "number of choices per prompt").nullish(),
  top_k: integerFrom(1, Number.MAX_SAFE_INTEGER, "same as 'diffusion.top_k'; 0 or -1 is off").optional(),
  min_p: minP.nullish(),
  stop_token_ids: tokenArray({ maxItems: maxStopTokens, help: "same as 'diffusion.stop_tokens'" }).optional(),
};

export const streamOptions = open(
  {
    include_usage: flag("add a last chunk with the usage").optional(),
    include_steps: flag(
      "add an event for each decode step, and a map of tokens to steps at the end",
    ).optional(),
  },
  { foreign: streamOptionFields, help: "options of a stream" },
);
export const streamFields = {
  stream: flag("stream the answer as server-sent events").nullish(),
  stream_options: streamOptions.schema.nullish(),
};

/** Options of all bodies that request a generation. */
export const generationOptions = {
  foreign: bodyFields,
  absent: { seed: [-1], top_k: [-1, 0], suffix: [""] },
  aliases: { n_predict: "max_tokens" },
  inside: { stream_options: streamOptions },
} satisfies OpenOptions;

const promptError = `a string, a non-empty array of token IDs, or an array of 1 to ${maxChoices} of either kind`;
const prompts = { minItems: 1, maxItems: maxChoices, error: promptError };
/** One prompt or an array of prompts, each as text or as token IDs. */
export const prompt = z
  .union(
    [
      z.string(),
      array(z.string(), prompts),
      tokenArray({ minItems: 1 }),
      array(tokenArray({ minItems: 1 }), prompts),
    ],
    { error: promptError },
  )
  .meta({ description: "used as it is, without a chat template" });
