/** POST /v1/completions */
import type * as z from "zod";
import type { DiffusionFields } from "./diffusion.ts";
import { flag, integerFrom, text } from "./fields.ts";
import {
  generationOptions,
  maxChoices,
  maxTokens,
  modelField,
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
    suffix: text("text after the answer, which then is one hole of at most max_tokens").nullish(),
    ...samplingFields,
    stop,
    max_tokens: maxTokens,
    ...streamFields,
    logprobs: integerFrom(0, 5, "number of alternatives per token").nullish(),
    echo: flag("repeat the prompt before the answer").nullish(),
    best_of: integerFrom(1, maxChoices, "at most n, as all choices are returned").nullish(),
    diffusion: diffusion.nullish(),
  };
  const absent = { ...generationOptions.absent, logprobs: [false] };
  return open(shape, { ...generationOptions, absent });
}
export type CompletionsBody = z.infer<ReturnType<typeof completionsSchema>["schema"]>;
