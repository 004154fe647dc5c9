import { expect, test } from "vitest";
import { chooseActivations } from "./activations.ts";

const gpuWith = (...features: readonly string[]) =>
  ({ wgslLanguageFeatures: new Set(features) }) as unknown as GPU;
const gpu = gpuWith("packed_4x8_integer_dot_product");

test("activations stay f32 unless int8 is wanted", () => {
  expect(chooseActivations("f32", { gpu, software: false })).toEqual({ int8Activations: false, text: "" });
  expect(chooseActivations("int8", { gpu, software: false })).toEqual({
    int8Activations: true,
    text: "; activations in int8",
  });
});

test.each([
  [
    "a runtime without the language feature",
    gpuWith("other"),
    false,
    "its WGSL has no packed_4x8_integer_dot_product",
  ],
  [
    "a runtime without a list of features",
    {} as GPU,
    false,
    "its WGSL has no packed_4x8_integer_dot_product",
  ],
  ["an adapter that computes on the CPU", gpu, true, "the adapter computes on the CPU"],
])("%s keeps f32, and the description of the device says why", (_, own, software, reason) => {
  const { int8Activations, text } = chooseActivations("int8", { gpu: own, software });
  expect([int8Activations, text]).toEqual([false, `; activations in f32, as ${reason}`]);
});
