/** The properties of all built-in decoders, and of their declarations. */
import { describe, expect, test } from "vitest";
import { bind } from "../../src/core/declare/index.ts";
import { decoders } from "../../src/core/decode/index.ts";
import { checkDecoder, type DecoderChecks } from "../support/checkDecoder.ts";

/** Maximum steps of a block by decoder, if it is not the number of open positions. */
const maxSteps: Readonly<Record<string, DecoderChecks["maxSteps"]>> = {
  dreamSchedule: ({ steps }) => Number(steps),
  edit: ({ postSteps }, open) => open + Number(postSteps),
  fixed: ({ steps }, open) => Math.min(open, Number(steps)),
  random: ({ steps }, open) => Math.min(open, Number(steps)),
  margin: ({ steps }, open) => Math.min(open, Number(steps)),
  entropy: ({ steps }, open) => Math.min(open, Number(steps)),
};

describe.each(decoders)("$name", (declaration) => {
  test("has the properties of a decoder", () => {
    const own = maxSteps[declaration.name];
    checkDecoder(declaration, { runs: 1000, ...(own && { maxSteps: own }) });
  });

  test("says what it is", () => {
    expect(declaration.name).toMatch(/^[a-z][A-Za-z]*$/);
    expect(declaration.help).toMatch(/^[A-Z].*\.$/);
    expect(declaration.source).not.toBe("");
    if (declaration.smoothed) expect(Object.keys(declaration.parameters)).toContain(declaration.smoothed);
  });

  test("runs with its defaults, which are valid", () => {
    expect(bind("decoder", decoders, { name: declaration.name }).declaration).toBe(declaration);
  });

  test("refuses parameters that it does not have", () => {
    expect(() => bind("decoder", decoders, { name: declaration.name, nonsense: 1 })).toThrow(
      "has no option 'nonsense'",
    );
  });

  const wrong = Object.entries(declaration.parameters).flatMap(([name, parameter]) => {
    const values: unknown[] = [Number.NaN, Infinity, -Infinity, "0.5", [], {}, -1];
    if (parameter.kind !== "boolean") values.push(true);
    else values.push(0, 1);
    if (parameter.kind !== "number" || !parameter.nullable) values.push(null);
    if (parameter.kind === "number" && parameter.integer) values.push(1.5);
    if (parameter.kind === "number" && Number.isFinite(parameter.maximum))
      values.push(parameter.maximum + 1e-9);
    if (parameter.kind === "number") values.push(parameter.minimum - 1e-9);
    return values.map((value) => [name, value] as const);
  });
  test.each(wrong)("refuses %s: %j", (name, value) => {
    expect(() => bind("decoder", decoders, { name: declaration.name, [name]: value })).toThrow(
      `'${name}' must be`,
    );
  });
});

test("names are unique", () => {
  expect(new Set(decoders.map(({ name }) => name)).size).toBe(decoders.length);
});

test("an unknown decoder is refused with the names of all", () => {
  const names = decoders.map(({ name }) => name).join(", ");
  expect(() => bind("decoder", decoders, { name: "nonsense" })).toThrow(`one of ${names}: found`);
});
