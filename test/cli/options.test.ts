import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { readChoices } from "../../src/cli/choices.ts";
import {
  addDeclaredOptions,
  builtIn,
  builtInOptions,
  type Declarations,
  declaredOptions,
  optionHelp,
  vocabularyWith,
} from "../../src/cli/options.ts";
import { parseCount } from "../../src/cli/values.ts";
import { parseValue } from "../../src/core/declare/parseValue.ts";
import { boolean, choice, integer, number, optionalInteger, probability } from "../../src/core/index.ts";

const described = { help: "", source: "" };
const declarations: Declarations = {
  request: { genLength: integer({ default: 8, minimum: 1, help: "positions" }) },
  decoders: [
    {
      name: "one",
      ...described,
      parameters: { bound: probability({ default: 0.9, help: "at least this" }) },
    },
    {
      name: "two",
      ...described,
      parameters: { bound: probability({ default: 0.5, help: "at least this" }) },
    },
    { name: "three", ...described, parameters: { bound: number({ default: 1, help: "above this" }) } },
  ],
  caches: [
    {
      name: "keep",
      ...described,
      parameters: { refreshEvery: optionalInteger({ default: null, help: "passes" }) },
    },
    { name: "drop", ...described, parameters: { bound: integer({ default: 3, help: "a bound" }) } },
  ],
  smoothing: { weight: probability({ default: 0.3, help: "weight" }) },
};

describe("options derived from declarations", () => {
  const options = declaredOptions(declarations, ["model"]);

  test("each parameter has an option, shared among decoders, with a prefix if its name is taken", () => {
    expect(options.map(({ flag, uses }) => [flag, uses.map(({ owner }) => owner)])).toEqual([
      ["--gen-length", ["request"]],
      ["--bound", ["one", "two", "three"]],
      ["--refresh-every", ["keep"]],
      ["--cache-bound", ["drop"]],
      ["--smoothing-weight", ["smoothing"]],
    ]);
  });

  test("a parameter with the name of a command's own option has a prefix", () => {
    const taken = declaredOptions(declarations, ["bound"]);
    expect(taken.map(({ flag }) => flag)).toContain("--decoder-bound");
  });

  test("help has each text once, with the owners and their defaults", () => {
    const [genLength, bound, refreshEvery] = options;
    expect(optionHelp(genLength!)).toBe("positions (default: 8)");
    expect(optionHelp(bound!)).toBe("at least this (one: 0.9; two: 0.5); above this (three: 1)");
    expect(optionHelp(refreshEvery!)).toBe("passes (keep: off)");
  });

  test("every built-in parameter becomes an option", () => {
    const owners = [...builtIn.decoders, ...builtIn.caches];
    for (const { name, parameters } of owners) {
      for (const parameter of Object.keys(parameters)) {
        const uses = builtInOptions
          .filter((option) => option.parameter === parameter)
          .flatMap(({ uses }) => uses);
        expect(uses.map(({ owner }) => owner)).toContain(name);
      }
    }
    const attributes = builtInOptions.map(({ attribute }) => attribute);
    expect(new Set(attributes).size).toBe(attributes.length);
  });

  test("commander stores each value under its attribute", () => {
    const command = new Command();
    const flags = declaredOptions({
      ...declarations,
      decoders: [
        { name: "b", ...described, parameters: { strictly: boolean({ default: false, help: "" }) } },
      ],
    });
    addDeclaredOptions(command, flags);
    command.parse(["--refresh-every", "3", "--no-strictly", "--smoothing-weight", "1"], { from: "user" });
    expect(command.opts()).toEqual({ refreshEvery: "3", strictly: false, smoothingWeight: "1" });
  });
});

describe("a request's choices", () => {
  const read = (values: Record<string, unknown>) => readChoices(values, vocabularyWith([]));

  test("hold only the given options", () => {
    expect(read({})).toEqual({});
    expect(read({ genLength: "64", seed: "7", stop: ["."] })).toEqual({
      genLength: 64,
      seed: 7,
      stop: ["."],
    });
    expect(read({ decoder: "fixed", steps: "16", cache: "dual", refreshEvery: "4" })).toEqual({
      decoder: { name: "fixed", steps: 16 },
      cache: { name: "dual", refreshEvery: 4 },
    });
    expect(read({ cache: "dual", refreshEvery: "null" })).toEqual({
      cache: { name: "dual", refreshEvery: null },
    });
  });

  test("a parameter without a decoder belongs to the default decoder", () => {
    expect(read({ threshold: "0.8" })).toEqual({ decoder: { name: "threshold", threshold: 0.8 } });
  });

  test("--smoothing or any of its parameters enables smoothing", () => {
    expect(read({ smoothing: true })).toEqual({ smoothing: {} });
    expect(read({ smoothingWeight: "0.5" })).toEqual({ smoothing: { weight: 0.5 } });
  });

  test("unrolling is a reference policy's, and guidance and alignment are the request's own", () => {
    expect(read({ cache: "dInferDual", unrollExpected: "2" })).toEqual({
      cache: { name: "dInferDual", unrollExpected: 2 },
    });
    expect(read({ cfgScale: "1.5", alignBlocksToGrid: true })).toEqual({
      cfgScale: 1.5,
      alignBlocksToGrid: true,
    });
  });

  test("a draft has a share", () => {
    expect(read({ draft: "abc" })).toEqual({ draft: { text: "abc", remaskFraction: 0.5 } });
    expect(read({ draft: "abc", remaskFraction: "1" })).toEqual({
      draft: { text: "abc", remaskFraction: 1 },
    });
  });

  test.each([
    [
      { cache: "dInferDual", unrollExpected: "0" },
      "Cannot use cache 'dInferDual' as 'unrollExpected' must be an integer at least 1, or null: found 0",
    ],
    [{ cfgScale: "-1" }, "'cfgScale' must be a number at least 0: found -1"],
    [{ remaskFraction: "0.5" }, "Cannot use '--remask-fraction' without '--draft'"],
    [{ draft: "a", remaskFraction: "x" }, `Cannot use '--remask-fraction' as it must be a number: found "x"`],
    [
      { draft: "a", remaskFraction: "0" },
      "Cannot use draft as 'remaskFraction' must be a number above 0 and at most 1: found 0",
    ],
    [{ steps: "16" }, "Cannot use decoder 'threshold' as it has no option 'steps': it takes threshold"],
    [{ refreshEvery: "4" }, "Cannot use cache 'none' as it has no option 'refreshEvery': it takes none"],
    [{ decoder: "magic" }, 'found "magic"'],
    [{ threshold: "-1" }, "'threshold' must be a number at least 0: found -1"],
    [{ genLength: "1.5" }, "'genLength' must be an integer at least 1: found 1.5"],
    [{ smoothingWeight: "2" }, "Cannot use smoothing as 'weight' must be"],
  ])("%o is rejected", (values, message) => {
    expect(() => read(values)).toThrow(message);
  });
});

describe("values are parsed strictly", () => {
  const bound = number({ default: 1, minimum: 0, help: "" });

  test.each([
    ["0.5", 0.5],
    ["-3", -3],
    [".5", 0.5],
    ["1e-3", 0.001],
  ])("%s is a number", (text, value) => {
    expect(parseValue("--bound", bound, text)).toBe(value);
  });

  test.each(["abc", "", " ", "NaN", "Infinity", "0x10", "1,5", "1 2", "null", "1e"])(
    "'%s' is not a number",
    (text) => {
      expect(() => parseValue("--bound", bound, text)).toThrow(
        `Cannot use '--bound' as it must be a number at least 0: found ${JSON.stringify(text)}`,
      );
    },
  );

  test("choices must be declared, and null requires a nullable parameter", () => {
    const order = choice(["up", "down"], { default: "up", help: "" });
    expect(parseValue("--order", order, "down")).toBe("down");
    expect(() => parseValue("--order", order, "left")).toThrow('one of up, down: found "left"');
    expect(parseValue("--every", optionalInteger({ default: 1, help: "" }), "null")).toBe(null);
  });

  test("counts are positive integers", () => {
    expect(parseCount("--tokens", "12")).toBe(12);
    for (const text of ["0", "-1", "1.5", "x", "", "99999999999999999999"]) {
      expect(() => parseCount("--tokens", text)).toThrow(
        `'--tokens' as it must be a positive integer: found ${JSON.stringify(text)}`,
      );
    }
  });
});
