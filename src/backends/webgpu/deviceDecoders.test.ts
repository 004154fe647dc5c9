import { expect, test } from "vitest";
import { deviceDecodersOf, kernelParameters } from "../gpu/deviceDecoders.ts";
import { shaderSources } from "./shaders.generated.ts";
import { type ShaderName, shaderNames } from "./shaderText.ts";

const deviceDecoders = deviceDecodersOf(shaderNames);

test("every kernel of shaders/commit is that of a built-in decoder", () => {
  const kernels = shaderNames.filter((name) => name.startsWith("commit/"));
  expect([...deviceDecoders.values()].map(({ kernel }) => kernel).sort()).toEqual([...kernels].sort());
});

const upper = (name: string) => name.replaceAll(/[A-Z]/g, "_$&").toUpperCase();

test.each([...deviceDecoders.values()])(
  "$declaration.name: the kernel's parameters are the declaration's, in order",
  ({ declaration, kernel }) => {
    const constants = [
      ...shaderSources[kernel as ShaderName].matchAll(/^const PARAMETER_(\w+) = (\d+)u;$/gm),
    ];
    const names = Object.keys(kernelParameters(declaration, {}, { step: 0, openAtStart: 4 })).map(upper);
    // A kernel may leave out the last ones.
    expect(constants.map(([, name, index]) => [name, Number(index)])).toEqual(
      names.slice(0, constants.length).map((name, index) => [name, index]),
    );
  },
);
