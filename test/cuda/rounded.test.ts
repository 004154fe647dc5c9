/** The model models/tiny with activations in bf16: close to f32, and the same bits in any batch. */
import { expect, test } from "vitest";
import { Engine, type GenerateRequest } from "../../src/core/index.ts";
import { runToEnd } from "../suites/run.ts";
import { filesOnDisk } from "../support/surroundings.ts";
import { relativeError } from "./rowErrors.ts";
import { backendIn } from "./surroundings.ts";

const { tinyModel } = filesOnDisk;

// A router that is close to a tie chooses another expert, so single rows differ by more.
test.each(["f32", "f16"] as const)(
  "logits differ by a hundredth on average; keys and values in %s",
  async (cacheDType) => {
    const tokens = Array.from({ length: 70 }, (_, index) => (index < 30 ? 5 + ((7 * index) % 90) : 1));
    const logits = async (activations: "bf16" | "f32") => {
      const engine = await Engine.load(tinyModel, { backend: backendIn(activations), cacheDType });
      const rows = await engine.logits(tokens);
      const again = await engine.logits(tokens);
      await engine.dispose();
      expect(again).toEqual(rows);
      return rows;
    };
    const [found, expected] = [await logits("bf16"), await logits("f32")];
    const errors = found.map((row, index) => relativeError(row, expected[index]!)).sort((a, b) => a - b);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(mean).toBeLessThan(1e-2);
    // A backend that computes in f32 in both modes would pass otherwise.
    expect(errors[0]).toBeGreaterThan(1e-4);
  },
);

const requests: readonly GenerateRequest[] = [
  { prompt: "sort 3 1 2", genLength: 8, blockLength: 8, decoder: { name: "fixed", steps: 2 } },
  {
    prompt: "x",
    genLength: 8,
    blockLength: 8,
    decoder: { name: "fixed", steps: 2 },
    cache: { name: "none" },
  },
];

test("a batch gives each row the bits that it gets alone", async () => {
  const engine = await Engine.load(tinyModel, { backend: backendIn("bf16"), cacheDType: "f16" });
  const confidences = async (request: GenerateRequest) => {
    const { steps } = await runToEnd(engine, request);
    return steps.map((step) => [step.positions, step.tokens, step.confidences]);
  };
  const alone = [];
  for (const request of requests) alone.push(await confidences(request));
  expect(await Promise.all(requests.map(confidences))).toEqual(alone);
  await engine.dispose();
});
