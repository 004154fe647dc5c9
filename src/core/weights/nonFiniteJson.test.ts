import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "./json.ts";
import { parseNonFinite } from "./nonFiniteJson.ts";

test("NaN and infinities stand where numbers do", () => {
  expect(parseNonFinite('{"a": NaN, "b": [Infinity, -Infinity,NaN], "c": {"d":-Infinity}}')).toEqual({
    a: Number.NaN,
    b: [Infinity, -Infinity, Number.NaN],
    c: { d: -Infinity },
  });
});

test("in a text they are text", () => {
  const value = { NaN: "NaN", 'a"NaN': "\\", "-Infinity": ["Infinity", '\\"NaN\\', "NaN, Infinity"] };
  expect(parseNonFinite(JSON.stringify(value))).toEqual(value);
  expect(parseNonFinite(`[${JSON.stringify(value)}, NaN]`)).toEqual([value, Number.NaN]);
});

test("any other JSON is as ever", () => {
  const texts = fc.constantFrom("NaN", "Infinity", '"', "\\", "[NaN", '",NaN,"');
  const values = fc.jsonValue({ noUnicodeString: false });
  const property = fc.property(values, fc.array(texts), (value, more) => {
    const whole = { value, more, [more.join("")]: 0 };
    expect(parseNonFinite(JSON.stringify(whole))).toEqual(JSON.parse(JSON.stringify(whole)));
  });
  fc.assert(property, { numRuns: 200, seed: 3 });
});

test.each(["[NaN", "[-NaN]", "[NaNN]", "[+Infinity]", "[nan]", '["NaN]', "[Infinity Infinity]", "NaN:1"])(
  "%s is no JSON",
  (text) => {
    expect(() => parseNonFinite(text)).toThrow(SyntaxError);
  },
);

test("files are strict where they do not say otherwise", () => {
  const bytes = new TextEncoder().encode('{"a": NaN}');
  expect(() => parseJson(bytes, "tokenizer.json")).toThrow("as it is not valid JSON");
  expect(parseJson(bytes, "config.json", { nonFinite: true })).toEqual({ a: Number.NaN });
});
