/** POST /v1/completions */
import type * as z from "zod";
import type { DiffusionFields } from "./diffusion.ts";
import { flag, integerFrom, only, strict, text } from "./fields.ts";
import {
  maxTokens,
  modelField,
  neutralFields,
  prompt,
  samplingFields,
  stop,
  streamFields,
} from "./generation.ts";

export function completionsSchema(diffusion: z.ZodType<DiffusionFields>) {
  return strict({
    model: modelField,
    prompt,
    suffix: text("what follows the answer: it is one hole, of at most max_tokens").nullish(),
    ...samplingFields,
    stop,
    max_tokens: maxTokens,
    ...streamFields,
    logprobs: integerFrom(0, 5, "alternatives a token").nullish(),
    echo: flag("begin with the prompt").nullish(),
    best_of: only(1, "all choices are returned").nullish(),
    ...neutralFields,
    diffusion: diffusion.nullish(),
  });
}
export type CompletionsBody = z.infer<ReturnType<typeof completionsSchema>>;
