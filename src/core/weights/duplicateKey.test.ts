import fc from "fast-check";
import { expect, test } from "vitest";
import { duplicateKey } from "./duplicateKey.ts";

test.each([
  ['{"a":1,"b":2,"a":3}', "a"],
  ['{"a":{"b":[{"c":1,"c":2}]}}', "c"],
  ['{"a":1,"\\u0061":2}', "a"],
  ['{"\\"":1, "x":"\\"", "\\"" : 2}', '"'],
  ['{"":1,"":2}', ""],
  ['{"__proto__":1,"__proto__":2}', "__proto__"],
])("finds the key in %s", (text, key) => {
  expect(duplicateKey(text)).toBe(key);
});

test.each([
  '{"a":{"a":{"a":1}},"b":{"a":1}}',
  '{"a":"a","b":["a","a",{"a":1}],"c":"a"}',
  '{"a":"{\\"b\\":1,\\"b\\":2}"}',
  '[{"a":1},{"a":1}]',
  "{}",
])("finds none in %s", (text) => {
  expect(duplicateKey(text)).toBeUndefined();
});

test("any object that was written by JSON.stringify has none, and with its first key again has that", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.boolean(), (value, pretty) => {
      const text = JSON.stringify(value, null, pretty ? 2 : 0);
      expect(duplicateKey(text)).toBeUndefined();
      const [key = ""] = Object.keys(value);
      expect(duplicateKey(`${text.slice(0, -1)},${JSON.stringify(key)}:0}`)).toBe(key);
    }),
  );
});
