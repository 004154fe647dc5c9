import { expect, test } from "vitest";
import { deviceDecoders } from "./deviceDecoders.ts";
import { shaderNames } from "./shaderText.ts";

test("every kernel of shaders/commit is that of a built-in decoder", () => {
  const kernels = shaderNames.filter((name) => name.startsWith("commit/"));
  expect([...deviceDecoders.values()].map(({ shader }) => shader).sort()).toEqual([...kernels].sort());
});
