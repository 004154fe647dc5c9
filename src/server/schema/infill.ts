/** POST /v1/infill */
import * as z from "zod";
import { array, tokenArray } from "./array.ts";
import { message, messages } from "./chat.ts";
import type { DiffusionFields } from "./diffusion.ts";
import { integerFrom, strict, text } from "./fields.ts";
import { generationOptions, maxTokens, modelField, samplingFields, streamFields } from "./generation.ts";
import { open } from "./open.ts";

const { MAX_SAFE_INTEGER } = Number;
const fixed = { length: integerFrom(1, MAX_SAFE_INTEGER, "exact number of tokens") };
const ranged = {
  minimum: integerFrom(0, MAX_SAFE_INTEGER, "minimum number of tokens").optional(),
  maximum: integerFrom(1, MAX_SAFE_INTEGER, "maximum number of tokens"),
};

export const segment = z.union([z.string(), tokenArray(), strict(fixed), strict(ranged)], {
  error: "a string, token IDs, {length} or {minimum, maximum}",
});
const marker = { marker: z.string().min(1, { error: "a non-empty string" }) };
const hole = z.union([strict({ ...marker, ...fixed }), strict({ ...marker, ...ranged })], {
  error: "{marker, length} or {marker, minimum, maximum}",
});
const fractionError = { error: "a number above 0 and at most 1" };
export const remaskFraction = z
  .number(fractionError)
  .gt(0, fractionError)
  .max(1, fractionError)
  .meta({ description: "fraction of the draft's tokens to mask again, the least certain ones first" });
const draft = strict({ text: text(), remask_fraction: remaskFraction }, "an answer to revise");

export function infillSchema(diffusion: z.ZodType<DiffusionFields>) {
  const shape = {
    model: modelField,
    messages: messages.optional(),
    prompt: z
      .union([z.string(), tokenArray({ minItems: 1 })], {
        error: "a string or a non-empty array of token IDs",
      })
      .optional()
      .meta({ description: "text before the segments; only one of messages and prompt is allowed" }),
    segments: array(segment, {
      error: "an array of strings, token IDs and holes",
      help: "pinned text and holes, in order",
    }).optional(),
    text: text("pinned text with a marker for each hole").optional(),
    hole: hole.optional().meta({ description: "the hole that each marker in text stands for" }),
    draft: draft.optional(),
    max_tokens: maxTokens,
    ...samplingFields,
    ...streamFields,
    diffusion: diffusion.nullish(),
  };
  return open(shape, { ...generationOptions, inside: { ...generationOptions.inside, messages: message } });
}
export type InfillBody = z.infer<ReturnType<typeof infillSchema>["schema"]>;
