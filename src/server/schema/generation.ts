/** Fields that the endpoints share which generate something. */
import * as z from "zod";
import { requestParameters } from "../../core/index.ts";
import { parameterSchema } from "./declared.ts";
import { flag, integerFrom, only, strict, text, tokens } from "./fields.ts";

/** More than OpenAI's four: evaluation harnesses send what their tasks say. */
const mostStops = 16;
/** Choices of a request: `n` times its prompts. */
export const mostChoices = 128;

const stopText = z.string({ error: "a text" }).min(1, { error: "a text that is not empty" });
const stopLists = `a text or a list of at most ${mostStops} texts, none of them empty`;

export const stop = z
  .union([stopText, z.array(stopText).max(mostStops)], { error: stopLists })
  .nullish()
  .meta({ description: "where the answer ends" });

/** Of all endpoints that generate. */
export const modelField = text("one of /v1/models");

export const maxTokens = integerFrom(1, Number.MAX_SAFE_INTEGER, "the answer's most tokens").nullish();

const temperature = parameterSchema(requestParameters.temperature) as z.ZodType<number>;
const topP = parameterSchema(requestParameters.topP) as z.ZodType<number>;
const seed = parameterSchema(requestParameters.seed) as z.ZodType<number>;

export const samplingFields = {
  temperature: temperature.nullish().meta({ description: "by default the preset's, else 0" }),
  top_p: topP.nullish(),
  seed: seed.nullish().meta({ description: "choice i has seed + i; by default random" }),
  n: integerFrom(1, mostChoices, "choices a prompt").nullish(),
};

export const streamFields = {
  stream: flag("answer as it comes, as server-sent events").nullish(),
  stream_options: strict({
    include_usage: flag("end with a chunk that has the usage").optional(),
    include_steps: flag("add an event a decode step, and the step of each position at the end").optional(),
  })
    .nullish()
    .meta({ description: "only beside stream: true" }),
};

const metadata = z.record(z.string(), z.string({ error: "a text" }), { error: "an object of texts" });
const noPenalty = "a diffusion model decodes in no order in which tokens could be counted";

/** Fields that say nothing of the answer, and those that are accepted with the one value that asks for nothing. */
export const neutralFields = {
  user: text("a label; the answer does not depend on it").nullish(),
  metadata: metadata.nullish().meta({ description: "labels; the answer does not depend on them" }),
  frequency_penalty: only(0, noPenalty).nullish(),
  presence_penalty: only(0, noPenalty).nullish(),
  logit_bias: strict({}).nullish().meta({ description: "only empty" }),
};

/** One prompt or a list of them, each as text or as token ids. */
export const prompt = z
  .union(
    [
      z.string(),
      z.array(z.string()).min(1).max(mostChoices),
      tokens.min(1),
      z.array(tokens.min(1)).min(1).max(mostChoices),
    ],
    {
      error: `a text, a list of token ids, or a list of at most ${mostChoices} of these, none of them empty`,
    },
  )
  .meta({ description: "taken as it is" });
