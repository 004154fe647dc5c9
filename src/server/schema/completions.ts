/** POST /v1/completions */
import type * as z from "zod";
import type { DiffusionFields } from "./diffusion.ts";
import { flag, integerFrom, text } from "./fields.ts";
import {
  generationOptions,
  maxTokens,
  modelField,
  mostChoices,
  prompt,
  samplingFields,
  stop,
  streamFields,
} from "./generation.ts";
import { open } from "./open.ts";

export function completionsSchema(diffusion: z.ZodType<DiffusionFields>) {
  const shape = {
    model: modelField,
    prompt,
    suffix: text("what follows the answer: it is one hole, of at most max_tokens").nullish(),
    ...samplingFields,
    stop,
    max_tokens: maxTokens,
    ...streamFields,
    logprobs: integerFrom(0, 5, "alternatives a token").nullish(),
    echo: flag("begin with the prompt").nullish(),
    best_of: integerFrom(1, mostChoices, "at most n, as all choices are returned").nullish(),
    diffusion: diffusion.nullish(),
  };
  const absent = { ...generationOptions.absent, logprobs: [false] };
  return open(shape, { ...generationOptions, absent });
}
export type CompletionsBody = z.infer<ReturnType<typeof completionsSchema>["schema"]>;
