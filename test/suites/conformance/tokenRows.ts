/** What the cases of ops that work on each token by itself have in common. */
import { near, type Surroundings, toleranceOf } from "../suite.ts";
import { type Experiment, run, type StoredDType, type Weight } from "./harness.ts";
import { quantize } from "./quantize.ts";
import { generator, matrix } from "./random.ts";
import { toRows } from "./reference.ts";
import { wholeSpan } from "./wholeSpan.ts";

export const epsilon = 1e-6;
export const vocabulary = 13;

/** Weights, tokens and their embeddings for one case. */
export function setting(
  seed: number,
  hidden: number,
  length: number,
  { quantized }: { readonly quantized?: StoredDType } = {},
) {
  const random = generator(seed);
  const stored = (weight: Weight): Weight => quantize(weight, quantized);
  const weight = (...shape: readonly number[]): Weight => {
    const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    return stored({ shape, data: matrix(random, rows, shape.at(-1)!, 0.3) });
  };
  const tokens = Array.from({ length }, () => Math.floor(random() * vocabulary));
  const embedding = stored({
    shape: [vocabulary, hidden],
    data: matrix(random, vocabulary, hidden, 5000),
  });
  const span = wholeSpan(0, length);
  const rows = toRows(embedding.data, hidden);
  return { weight, embedding, x: tokens.map((token) => rows[token]!), slots: [tokens], spans: [span] };
}

/** Compares the boundary `y` with the expected rows. */
export async function checkRows(
  surroundings: Surroundings,
  experiment: Experiment,
  expected: readonly (readonly number[])[],
) {
  const { values } = await run(surroundings.backend, experiment, "y");
  const y = toRows(values.y, expected[0]!.length);
  const quantized = Object.values(experiment.weights).some(({ blocks }) => blocks !== undefined);
  const tolerance = toleranceOf(surroundings, quantized, 2e-5);
  for (const [row, want] of expected.entries()) near(y[row]!, want, tolerance, `row ${row}`);
}
