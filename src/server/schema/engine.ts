/** POST /engine/generate: a request of the core as it is, in the core's names. */
import {
  cachePolicies,
  type Declared,
  type GenerateRequest,
  maxStopTokens,
  requestParameters,
  smoothingParameters,
} from "../../core/index.ts";
import { array, tokenArray } from "./array.ts";
import { choiceSchema, declaredName, parameterFields, settingsSchema } from "./declared.ts";
import { integerFrom, oneOf, strict, text } from "./fields.ts";
import { modelField, stopStrings } from "./generation.ts";
import { remaskFraction, segment } from "./infill.ts";
import { type OpenSchema, open } from "./open.ts";

export interface EngineGenerateBody {
  readonly model?: string | undefined;
  readonly request: GenerateRequest;
}

const token = (help: string) => integerFrom(0, 2 ** 32 - 1, help).optional();

const messages = array(strict({ role: text(), content: text() }), {
  error: "an array of {role, content}",
  help: "a conversation, rendered by the model's chat template",
});
const draft = strict(
  { text: text().optional(), tokens: tokenArray().optional(), remaskFraction },
  "an answer to revise, as text or as token IDs",
);
const overrides = strict(
  {
    maskToken: token("the mask token"),
    padToken: token("the padding token"),
    stopTokens: tokenArray({ maxItems: maxStopTokens }).optional(),
    maskBlock: integerFrom(1, Number.MAX_SAFE_INTEGER, "width of the mask's blocks").optional(),
    origin: oneOf(["zero", "prompt"], "where blocks begin").optional(),
  },
  "values that replace those of the model's files, for experiments",
);

/** @param decoders all decoders of the server's models */
export function engineGenerateSchema(decoders: readonly Declared[]): OpenSchema<EngineGenerateBody> {
  const request = strict(
    {
      messages: messages.optional(),
      prompt: text("text, which is encoded without a chat template").optional(),
      tokens: tokenArray({ help: "the prompt as token IDs" }).optional(),
      infill: array(segment, {
        error: "an array of strings, token IDs and holes",
        help: "pinned text and holes, in order, after the prompt",
      }).optional(),
      draft: draft.optional(),
      stop: stopStrings.optional().meta({ description: "strings that end the answer" }),
      stopTokens: tokenArray({
        maxItems: maxStopTokens,
        help: "tokens that end the answer, in addition to the model's stop tokens",
      }).optional(),
      decoder: choiceSchema(decoders, declaredName).optional(),
      cache: choiceSchema(cachePolicies, declaredName).optional(),
      smoothing: settingsSchema(smoothingParameters, "iteration smoothing", declaredName).optional(),
      overrides: overrides.optional(),
      ...parameterFields(requestParameters, declaredName),
    },
    "a request of the engine, with exactly one of messages, prompt and tokens",
  );
  // The fields are those of the core's declarations, from which no type can be derived.
  return open({ model: modelField, request }, {}) as unknown as OpenSchema<EngineGenerateBody>;
}
