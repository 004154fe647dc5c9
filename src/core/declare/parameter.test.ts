import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bind,
  boolean,
  choice,
  describeParameter,
  integer,
  number,
  optionalInteger,
  probability,
  validate,
} from "./index.ts";

const parameters = {
  rate: probability({ default: 0.5, help: "" }),
  count: integer({ default: 3, minimum: 1, maximum: 9, help: "" }),
  scale: number({ default: 1, minimum: 0, exclusiveMinimum: true, help: "" }),
  every: optionalInteger({ default: null, minimum: 1, help: "" }),
  flag: boolean({ default: false, help: "" }),
  order: choice(["up", "down"], { default: "up", help: "" }),
} as const;

test("absent parameters get their defaults", () => {
  const defaults = { rate: 0.5, count: 3, scale: 1, every: null, flag: false, order: "up" };
  expect(validate("it", parameters, {})).toEqual(defaults);
  expect(validate("it", parameters, { count: 9, every: 2 })).toEqual({ ...defaults, count: 9, every: 2 });
  expect(validate("it", parameters, { count: undefined })).toEqual(defaults);
});

describe("refuses", () => {
  test.each([
    [{ rate: Number.NaN }, "'rate' must be a number at least 0 and at most 1: found NaN"],
    [{ rate: 1.01 }, "found 1.01"],
    [{ rate: "0.5" }, 'found "0.5"'],
    [{ rate: null }, "found null"],
    [{ count: 1.5 }, "'count' must be an integer"],
    [{ count: Infinity }, "found Infinity"],
    [{ scale: 0 }, "'scale' must be a number above 0: found 0"],
    [{ every: 0 }, "'every' must be an integer at least 1, or null: found 0"],
    [{ flag: 1 }, "'flag' must be true or false: found 1"],
    [{ order: "left" }, "'order' must be one of up, down: found \"left\""],
    [{ rates: 1 }, "it has no option 'rates': it takes rate, count, scale, every, flag, order"],
    [{ constructor: 1 }, "no option 'constructor'"],
  ])("%j", (values, message) => {
    expect(() => validate("it", parameters, values)).toThrow(message);
  });

  test("a value that is not a number where a number is expected", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        fc.pre(value !== undefined && typeof value !== "number");
        expect(() => validate("it", parameters, { rate: value })).toThrow("'rate' must be");
      }),
      { numRuns: 500 },
    );
  });
});

test("every parameter is described in words", () => {
  expect(Object.values(parameters).map(describeParameter)).toEqual([
    "a number at least 0 and at most 1",
    "an integer at least 1 and at most 9",
    "a number above 0",
    "an integer at least 1, or null",
    "true or false",
    "one of up, down",
  ]);
});

test("a choice finds its declaration by name", () => {
  const known = [{ name: "a", parameters }];
  expect(bind("thing", known, { name: "a", count: 2 }).parameters).toMatchObject({ count: 2, rate: 0.5 });
  expect(() => bind("thing", known, { name: "b" })).toThrow('its thing must be one of a: found "b"');
});
