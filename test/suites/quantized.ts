/** A model whose weights are quantized while they are loaded: less memory, nearly the same logits, the same answers. */
import { Engine, type WeightDType } from "../../src/core/index.ts";
import { runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings } from "./suite.ts";

const prompt = "reverse river stone cloud";

export function quantizedSuite({ backend, embeddedModel }: Surroundings): Suite {
  const load = (weightDType: WeightDType) => Engine.load(embeddedModel, { backend, weightDType });
  return {
    name: "quantized weights",
    cases: [{ name: "take about half the bytes of bf16, and answer alike", run: () => answersAlike(load) }],
  };
}

async function answersAlike(load: (dtype: WeightDType) => Promise<Engine>): Promise<void> {
  const stored = await load("stored");
  const quantized = await load("q8_0");
  try {
    const { parameters, storedWeightBytes } = await quantized.plan();
    const bits = (8 * storedWeightBytes) / parameters;
    if (!(bits > 8.5 && bits < 8.8)) throw new Error(`Expected about 8.5 bits a weight, found ${bits}`);
    const { done } = await runToEnd(quantized, { messages: [{ role: "user", content: prompt }] });
    equal(done.text, "cloud stone river", "the answer");
    const ids = await stored.tokenize(prompt);
    const [expected, found] = [await stored.logits(ids), await quantized.logits(ids)];
    for (const [row, logits] of expected.entries()) {
      const error = Math.sqrt(mean(logits.map((logit, k) => (logit - found[row]![k]!) ** 2)));
      const spread = Math.sqrt(mean(logits.map((logit) => logit ** 2)));
      // Weights are rounded to 8 bits, so logits cannot be the same either.
      if (!(error > 0 && error < 0.05 * spread)) {
        throw new Error(`Row ${row}: expected logits within 5 % of ${spread}, found an error of ${error}`);
      }
    }
  } finally {
    await stored.dispose();
    await quantized.dispose();
  }
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
