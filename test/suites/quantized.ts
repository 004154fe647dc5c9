/** A model whose weights are quantized while they are loaded: less memory, nearly the same logits, the same answers. */
import { Engine, type Quantization } from "../../src/core/index.ts";
import { runToEnd } from "./run.ts";
import { equal, type Suite, type Surroundings } from "./suite.ts";

const prompt = "reverse river stone cloud";

export function quantizedSuite({ backend, tinyModel }: Surroundings): Suite {
  const load = (quantize: Quantization) => Engine.load(tinyModel, { backend, quantize });
  return {
    name: "quantized weights",
    cases: cases.map((each) => ({
      name: `${each.dtype}: ${each.bits} bits a weight, nearly the same logits, the same answer`,
      run: () => answersAlike(load, each),
    })),
  };
}

interface Expectation {
  readonly dtype: Quantization;
  /** Bits per weight, router and norms among them. */
  readonly bits: number;
  /** The largest error of a row's logits, relative to the row. */
  readonly error: number;
}
const cases: readonly Expectation[] = [
  { dtype: "q8_0", bits: 8.6, error: 0.05 },
  { dtype: "q4_0", bits: 4.6, error: 0.3 },
];

async function answersAlike(
  load: (dtype: Quantization) => Promise<Engine>,
  { dtype, bits: expectedBits, error: maxError }: Expectation,
): Promise<void> {
  const stored = await load("none");
  const quantized = await load(dtype);
  try {
    const { parameters, storedWeightBytes } = await quantized.plan();
    const bits = (8 * storedWeightBytes) / parameters;
    if (!(Math.abs(bits - expectedBits) < 0.1))
      throw new Error(`Expected about ${expectedBits} bits a weight, found ${bits}`);
    const { done } = await runToEnd(quantized, { messages: [{ role: "user", content: prompt }] });
    equal(done.text, "cloud stone river", "the answer");
    const ids = await stored.tokenize(prompt);
    const [expected, found] = [await stored.logits(ids), await quantized.logits(ids)];
    for (const [row, logits] of expected.entries()) {
      const error = Math.sqrt(mean(logits.map((logit, k) => (logit - found[row]![k]!) ** 2)));
      const spread = Math.sqrt(mean(logits.map((logit) => logit ** 2)));
      // Weights are rounded, so logits cannot be the same either.
      if (!(error > 0 && error < maxError * spread)) {
        throw new Error(
          `Row ${row}: expected logits within ${100 * maxError} % of ${spread}, found an error of ${error}`,
        );
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
