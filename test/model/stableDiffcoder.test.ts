/**
 * Stable-DiffCoder's own sampler, written out from its published `generate_block` over logits of whole sequences, and the
 * engine's passes of blocks over a cache: the same tokens.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { cpu } from "../../src/backends/cpu/index.ts";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { ids, smallOf, sourceOf } from "../support/smallModels.ts";

const mask = 48;
const block = 4;
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.load(sourceOf(smallOf(ids.stableDiffcoder)), { backend: cpu() });
});
afterAll(() => engine.dispose());

/** The best token that is no mask, and its probability among all that are none. */
function decided(logits: Float32Array): { readonly token: number; readonly probability: number } {
  const kept = Array.from(logits, (logit, token) => (token === mask ? -Infinity : logit));
  const best = Math.max(...kept);
  const sum = kept.reduce((total, logit) => total + Math.exp(logit - best), 0);
  return { token: kept.indexOf(best), probability: 1 / sum };
}

/**
 * @param threshold commit from this probability on, the best in any case; null commits the best alone
 * @param end the token after whose block nothing is decoded any more
 */
async function generateBlock(
  prompt: readonly number[],
  length: number,
  { threshold, end }: { readonly threshold: number | null; readonly end?: number },
): Promise<readonly number[]> {
  const tokens = [...prompt, ...Array<number>(length).fill(mask)];
  for (let line = Math.floor(prompt.length / block) * block; line < tokens.length; line += block) {
    const stop = Math.min(line + block, tokens.length);
    const open = () =>
      Array.from({ length: stop - line }, (_, i) => line + i).filter((p) => tokens[p] === mask);
    for (let masked = open(); masked.length > 0; masked = open()) {
      const rows = await engine.logits(tokens.slice(0, stop), { maskBlock: block, origin: 0 });
      const choices = masked.map((position) => ({ position, ...decided(rows[position]!) }));
      choices.sort((a, b) => b.probability - a.probability);
      for (const [rank, { position, token, probability }] of choices.entries())
        if (rank === 0 || (threshold !== null && probability >= threshold)) tokens[position] = token;
    }
    const answer = tokens.slice(Math.max(line, prompt.length), stop);
    if (end !== undefined && answer.includes(end)) return tokens.slice(prompt.length, stop);
  }
  return tokens.slice(prompt.length);
}

const run = (prompt: readonly number[], request: GenerateRequest) =>
  runToEnd(engine, { preset: "official", tokens: prompt, ...request });
const generated = async (prompt: readonly number[], request: GenerateRequest) =>
  (await run(prompt, request)).done.canvas.slice(prompt.length);
const prompts = [
  [7, 3, 9, 11],
  [5, 1, 30, 2, 8, 6],
  [4, 22, 17],
];
const never = { stopTokens: [49] };

test("all above a threshold, in blocks on the absolute grid", async () => {
  const stepCounts = new Map<number, number>();
  for (const prompt of prompts) {
    for (const threshold of [0.03, 0.05, 0.95]) {
      const expected = await generateBlock(prompt, 16, { threshold });
      const decoder = { name: "thresholdTopN", threshold };
      const { done, steps } = await run(prompt, { decoder, genLength: 16, overrides: never });
      expect(done.canvas.slice(prompt.length)).toEqual(expected);
      const decoding = steps.filter(({ prefill }) => !prefill).length;
      stepCounts.set(threshold, (stepCounts.get(threshold) ?? 0) + decoding);
    }
  }
  // At the high threshold one token a step, at the low one several.
  expect(stepCounts.get(0.95)).toBe(3 * 16);
  expect(stepCounts.get(0.03)).toBeLessThan(3 * 12);
});

test("one token a step, as its model card asks for, until a block holds the end", async () => {
  for (const prompt of prompts) {
    const whole = await generateBlock(prompt, 16, { threshold: null });
    const end = whole[9]!;
    const expected = await generateBlock(prompt, 16, { threshold: null, end });
    const request = { decoder: { name: "quota", steps: block }, genLength: 16, earlyStop: true } as const;
    const found = await generated(prompt, { ...request, overrides: { stopTokens: [end] } });
    // Behind the end the sequence is closed with it.
    expect(found.slice(0, expected.indexOf(end) + 1)).toEqual(expected.slice(0, expected.indexOf(end) + 1));
    expect(await generated(prompt, { ...request, overrides: never })).toEqual(whole);
  }
});

test("the official preset is what the class does where it is told nothing", () => {
  expect(engine.model.presets.settings.official).toEqual({
    decoder: { name: "thresholdTopN", threshold: 0.95 },
    cache: { name: "block" },
    genLength: 128,
    trimLastBlock: true,
    earlyStop: false,
  });
});
