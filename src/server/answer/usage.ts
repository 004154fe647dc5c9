/** What an answer took, as the OpenAI API counts it, and what of it is a diffusion model's. */
import type { DoneEvent } from "../../core/index.ts";
import type { GeneratedCounts } from "../observer.ts";
import type { FinishedChoice } from "./choice.ts";

interface Counts {
  /** What was given: the prompt, and an infilling's pinned tokens. */
  readonly prompt: number;
  readonly completion: number;
}

export function countsOf({ usage, holes, canvas }: DoneEvent): Counts {
  if (!holes) return { prompt: usage.promptTokens, completion: usage.completionTokens };
  const open = holes.reduce((sum, { start, end }) => sum + end - start, 0);
  const filled = holes.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return { prompt: canvas.length - open, completion: filled };
}

/**
 * @param choices all of the answer
 * @param perPrompt choices that share a prompt, which counts once
 */
export function generatedCounts(choices: readonly FinishedChoice[], perPrompt: number): GeneratedCounts {
  const counts = choices.map(({ done }) => countsOf(done));
  const firsts = counts.filter((_, index) => index % perPrompt === 0);
  return {
    choices: choices.length,
    promptTokens: sum(firsts.map(({ prompt }) => prompt)),
    completionTokens: sum(counts.map(({ completion }) => completion)),
    forwards: sum(choices.map(({ done }) => done.usage.forwards)),
    queuedMs: Math.max(...choices.map(({ done }) => done.usage.queuedMs)),
    decodeMs: Math.max(...choices.map(({ done }) => done.usage.decodeMs)),
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
      /** The longest of the choices'. */
      canvas: Math.max(...canvas),
      seeds,
      forwards,
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
