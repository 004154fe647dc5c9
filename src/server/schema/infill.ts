/** POST /v1/infill */
import * as z from "zod";
import { message, messages } from "./chat.ts";
import type { DiffusionFields } from "./diffusion.ts";
import { integerFrom, strict, text } from "./fields.ts";
import { generationOptions, maxTokens, modelField, samplingFields, streamFields } from "./generation.ts";
import { list, tokenList } from "./list.ts";
import { open } from "./open.ts";

const most = Number.MAX_SAFE_INTEGER;
const fixed = { length: integerFrom(1, most, "exactly so many tokens") };
const ranged = {
  minimum: integerFrom(0, most, "at least so many tokens").optional(),
  maximum: integerFrom(1, most, "at most so many tokens"),
};

const segment = z.union([z.string(), tokenList(), strict(fixed), strict(ranged)], {
  error: "text, token ids, {length} or {minimum, maximum}",
});
const marker = { marker: z.string().min(1, { error: "a text that is not empty" }) };
const hole = z.union([strict({ ...marker, ...fixed }), strict({ ...marker, ...ranged })], {
  error: "{marker, length} or {marker, minimum, maximum}",
});
const remaskFraction = z.number({ error: "a number above 0 and at most 1" });
const draft = strict(
  {
    text: text(),
    remask_fraction: remaskFraction
      .gt(0, { error: "a number above 0 and at most 1" })
      .max(1, { error: "a number above 0 and at most 1" })
      .meta({ description: "what part of its tokens is masked again: the least certain ones" }),
  },
  "an answer to start from",
);

export function infillSchema(diffusion: z.ZodType<DiffusionFields>) {
  const shape = {
    model: modelField,
    messages: messages.optional(),
    prompt: z
      .union([z.string(), tokenList({ minimum: 1 })], { error: "a text or a list of token ids" })
      .optional()
      .meta({ description: "what stands before; at most one of messages and prompt" }),
    segments: list(segment, {
      error: "a list of text, token ids and holes",
      help: "pinned text and holes, in order",
    }).optional(),
    text: text("pinned text with markers in place of holes").optional(),
    hole: hole.optional().meta({ description: "what each marker in text stands for" }),
    draft: draft.optional(),
    max_tokens: maxTokens,
    ...samplingFields,
    ...streamFields,
    diffusion: diffusion.nullish(),
  };
  return open(shape, { ...generationOptions, inside: { ...generationOptions.inside, messages: message } });
}
export type InfillBody = z.infer<ReturnType<typeof infillSchema>["schema"]>;
