/** Tint takes every shader in every variant: Dawn's null adapter has all features, and computes nothing. */

import { expect, test } from "vitest";
import { create, globals } from "webgpu";
import { webgpu } from "../../src/backends/webgpu/index.ts";
import { shaderNames } from "../../src/backends/webgpu/shaderText.ts";
import { featuresOf, packedDots, shaderSuite, variantsOf } from "../suites/shaders.ts";
import { runSuite } from "../support/vitest.ts";

Object.assign(globalThis, globals);
/** Kept: it must outlive its devices. */
const gpu = create(["backend=null"]);

runSuite(shaderSuite({ open: async () => gpu, enables: ["f16", "subgroups", packedDots], pipelines: true }));

test("an adapter that computes nothing fails the self-test with all kernels", async () => {
  await expect(webgpu({ gpu })()).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringMatching(
      /^Cannot use WebGPU as the self-test of 'WebGPU on .* \(null\)' fails with all kernels: row 0 expected 57/,
    ),
  });
});

test("variants are all that their includes make", () => {
  const product = variantsOf("product").map((variant) => JSON.stringify(variant));
  expect(new Set(product).size).toBe(product.length);
  // Weights in eight forms, tiles in three, columns in two; activations in int8 with two types of weights.
  expect(product).toHaveLength(8 * 3 * 2 + 2);
  const all = shaderNames.flatMap((name) => variantsOf(name));
  expect(new Set(all.flatMap(featuresOf))).toEqual(new Set(["f16", "subgroups", packedDots]));
});

test("what is wrong is told", async () => {
  const adapter = await gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: "fn main() { let x: u32 = 1.5; }" });
  expect((await module.getCompilationInfo()).messages).not.toHaveLength(0);
  expect(await device.popErrorScope()).not.toBeNull();
});
