/** The `usage` of a response: OpenAI's token counts, and the counts of diffusion decoding. */
import type { GeneratedCounts } from "../observer.ts";
import type { FinishedChoice } from "./choice.ts";

/**
 * @param choices all choices of the response
 * @param perPrompt number of choices that share a prompt, whose tokens count once
 */
export function generatedCounts(choices: readonly FinishedChoice[], perPrompt: number): GeneratedCounts {
  const usages = choices.map(({ done }) => done.usage);
  const firsts = usages.filter((_, index) => index % perPrompt === 0);
  return {
    choices: choices.length,
    promptTokens: sum(firsts.map(({ promptTokens }) => promptTokens)),
    completionTokens: sum(usages.map(({ completionTokens }) => completionTokens)),
    forwards: sum(usages.map(({ forwards }) => forwards)),
    queuedMs: Math.max(...usages.map(({ queuedMs }) => queuedMs)),
    decodeMs: Math.max(...usages.map(({ decodeMs }) => decodeMs)),
  };
}

export function usageBody(
  choices: readonly FinishedChoice[],
  perPrompt: number,
  { canvas, seeds }: { readonly canvas: readonly number[]; readonly seeds: readonly number[] },
) {
  const counts = generatedCounts(choices, perPrompt);
  const { promptTokens, completionTokens, forwards } = counts;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    diffusion: {
      /** The longest canvas of all choices. */
      canvas: Math.max(...canvas),
      seeds,
      forwards,
      rows: sum(choices.map(({ done }) => done.usage.rows)),
      prefills: sum(choices.map(({ done }) => done.usage.prefills)),
      refreshes: sum(choices.map(({ done }) => done.usage.refreshes)),
      tokens_per_forward: forwards > 0 ? completionTokens / forwards : 0,
      queued_ms: counts.queuedMs,
      decode_ms: counts.decodeMs,
    },
  };
}
export type UsageBody = ReturnType<typeof usageBody>;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
