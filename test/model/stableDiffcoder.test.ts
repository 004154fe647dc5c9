/**
 * Stable-DiffCoder's own sampler, written from its published `generate_block` over the logits of whole sequences, gives the
 * same tokens as the engine's passes over blocks with a cache.
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

/** The best token except the mask token, and its probability among all tokens except the mask token. */
function bestToken(logits: Float32Array): { readonly token: number; readonly probability: number } {
  const kept = Array.from(logits, (logit, token) => (token === mask ? -Infinity : logit));
  const best = Math.max(...kept);
  const sum = kept.reduce((total, logit) => total + Math.exp(logit - best), 0);
  return { token: kept.indexOf(best), probability: 1 / sum };
}

/**
 * @param options.threshold commit all positions from this probability on, and the best one always; null: only the best one
 * @param options.end decoding stops after the block with this token
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
      const choices = masked.map((position) => ({ position, ...bestToken(rows[position]!) }));
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
const neverStops = { stopTokens: [49] };

test("the threshold decoder gives the sampler's tokens, in blocks on the absolute grid", async () => {
  const stepCounts = new Map<number, number>();
  for (const prompt of prompts) {
    for (const threshold of [0.03, 0.05, 0.95]) {
      const expected = await generateBlock(prompt, 16, { threshold });
      const decoder = { name: "thresholdTopN", threshold };
      const { done, steps } = await run(prompt, { decoder, genLength: 16, overrides: neverStops });
      expect(done.canvas.slice(prompt.length)).toEqual(expected);
      const decoding = steps.filter(({ prefill }) => !prefill).length;
      stepCounts.set(threshold, (stepCounts.get(threshold) ?? 0) + decoding);
    }
  }
  // The high threshold commits one token per step, the low one several.
  expect(stepCounts.get(0.95)).toBe(3 * 16);
  expect(stepCounts.get(0.03)).toBeLessThan(3 * 12);
});

test("one token per step, as in the model card, gives the sampler's tokens until a block contains the end", async () => {
  for (const prompt of prompts) {
    const whole = await generateBlock(prompt, 16, { threshold: null });
    const end = whole[9]!;
    const expected = await generateBlock(prompt, 16, { threshold: null, end });
    const request = { decoder: { name: "quota", steps: block }, genLength: 16, earlyStop: true } as const;
    const found = await generated(prompt, { ...request, overrides: { stopTokens: [end] } });
    // The engine fills the positions behind the end with the end token.
    expect(found.slice(0, expected.indexOf(end) + 1)).toEqual(expected.slice(0, expected.indexOf(end) + 1));
    expect(await generated(prompt, { ...request, overrides: neverStops })).toEqual(whole);
  }
});

test("the official preset has the defaults of the published class", () => {
  expect(engine.model.presets.settings.official).toEqual({
    decoder: { name: "thresholdTopN", threshold: 0.95 },
    cache: { name: "block" },
    genLength: 128,
    trimLastBlock: true,
    earlyStop: false,
  });
});
