/** What quantization loses, and how near quantizers come to the least squared error that their format allows. */
import { expect, test } from "vitest";
import { type QuantizedDType, quantizedDTypes } from "../../src/core/tensor/dtype.ts";
import { blockFormats } from "../../src/core/weights/blocks.ts";
import { generator } from "../suites/conformance/random.ts";

const groupElements = 32;

/** Normal weights, of which a share is eight times as large: the inputs of a layer being alike, its output errs as its weights do. */
function weights(count: number, share: number): Float32Array {
  const uniform = generator(5);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float32Array.from({ length: count }, () => normal() * (uniform() < share ? 8 : 1));
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));

function relativeError(dtype: QuantizedDType, values: Float32Array): number {
  const back = new Float32Array(values.length);
  blockFormats[dtype].dequantize(blockFormats[dtype].quantize(values, "w"), back, 0);
  return norm(values.map((value, index) => value - back[index]!)) / norm(values);
}

function leastRelativeError(values: Float32Array, leastOf: (group: Float32Array) => number): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += groupElements)
    sum += leastOf(values.subarray(at, at + groupElements));
  return Math.sqrt(sum) / norm(values);
}

/**
 * The least squared error of scale · integer of [-8, 7]. As the scale shrinks, an integer changes at known points; between two
 * points the integers are fixed and the best scale follows.
 */
function leastSymmetric(group: Float32Array): number {
  let gain = 0;
  for (const sign of [1, -1]) {
    const changes = [...group].flatMap((value) =>
      Array.from({ length: value * sign > 0 ? 7 : 8 }, (_, step) => ({
        at: (step + 0.5) / Math.abs(value),
        product: Math.abs(value),
        square: 2 * step + 1,
      })),
    );
    let [products, squares] = [0, 0];
    for (const { product, square } of changes.sort((one, other) => one.at - other.at)) {
      products += product;
      squares += square;
      gain = Math.max(gain, products ** 2 / squares);
    }
  }
  return group.reduce((sum, value) => sum + value ** 2, 0) - gain;
}

/** The least squared error of scale · integer of [0, 15] + offset in real numbers: fits from many starts, until they stay. */
function leastAffine(group: Float32Array): number {
  const [low, high] = [Math.min(...group), Math.max(...group)];
  let least = Infinity;
  for (let from = -0.04; from < 0.56; from += 0.03) {
    for (let to = Math.max(0.44, from + 0.2); to < 1.04; to += 0.03) {
      let offset = low + from * (high - low);
      let scale = ((to - from) * (high - low)) / 15;
      for (let round = 0; round < 8 && scale > 0; round++) {
        const integers = group.map((value) =>
          Math.max(0, Math.min(15, Math.round((value - offset) / scale))),
        );
        const error = integers.reduce((sum, each, i) => sum + (scale * each + offset - group[i]!) ** 2, 0);
        least = Math.min(least, error);
        [scale, offset] = line(integers, group);
      }
    }
  }
  return least;
}

/** Slope and offset of the least-squares line. */
function line(x: Float32Array, y: Float32Array): readonly [number, number] {
  const mean = (of: Float32Array) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0);
  const variance = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const slope = variance === 0 ? 0 : covariance / variance;
  return [slope, meanY - slope * meanX];
}

/** Upper bounds for normal weights, and with one weight in a hundred eight times as large. */
const errorBounds: Readonly<Record<QuantizedDType, readonly [number, number]>> = {
  q8_0: [0.006, 0.01],
  q6_k: [0.0175, 0.026],
  q4_k: [0.071, 0.089],
  q4_0: [0.082, 0.133],
};

test.each(quantizedDTypes)("%s: the relative error", (dtype) => {
  const errors = [0, 0.01].map((share) => relativeError(dtype, weights(2 ** 18, share)));
  expect(errors[0]).toBeLessThan(errorBounds[dtype][0]);
  expect(errors[1]).toBeLessThan(errorBounds[dtype][1]);
});

test.each([0, 0.01])(
  "q4_0: within a hundredth of the least error, with a share of %d of large weights",
  (share) => {
    const values = weights(512 * groupElements, share);
    const [found, least] = [relativeError("q4_0", values), leastRelativeError(values, leastSymmetric)];
    expect(found).toBeGreaterThan(0.999 * least);
    expect(found).toBeLessThan(1.01 * least);
  },
);

// The least error is that of scales and minimums in real numbers, which six bits do not reach.
test.each([0, 0.01])(
  "q4_k: within a twentieth of the least error, with a share of %d of large weights",
  (share) => {
    const values = weights(64 * groupElements, share);
    const [found, least] = [relativeError("q4_k", values), leastRelativeError(values, leastAffine)];
    expect(found).toBeGreaterThan(least);
    expect(found).toBeLessThan(1.05 * least);
  },
);
