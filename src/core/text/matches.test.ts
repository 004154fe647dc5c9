import fc from "fast-check";
import { expect, test } from "vitest";
import { matches } from "./matches.ts";

const patterns = [
  /[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\p{White_Space}\p{L}\p{N}]+[\r\n]*|\p{White_Space}*[\r\n]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu,
  /<ab>|<a|b/gu,
  /(?<=a)b|x*/gu,
];
const unit = fc.constantFrom(..."ab<> x\n1🙂가\u0085");

test("windows of any length give the matches of the whole text", () => {
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 80 }),
      fc.constantFrom(...patterns),
      fc.integer({ min: 1, max: 20 }),
      (text, pattern, windowLength) => {
        const found = [...matches(text, pattern, { windowLength, maxMatchLength: 90 })];
        expect(found.filter((match) => match !== undefined)).toEqual(
          [...text.matchAll(new RegExp(pattern))]
            .filter(([each]) => each !== "")
            .map((match) => ({ start: match.index, end: match.index + match[0].length })),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test("a match that is too long is returned up to the limit, and then throws", () => {
  const found: unknown[] = [];
  expect(() => {
    for (const match of matches(`1${"a".repeat(30)}`, patterns[0]!, { maxMatchLength: 10, windowLength: 4 }))
      if (match) found.push(match);
  }).toThrow("a word may have at most 10 characters: found a longer one at position 1");
  expect(found).toEqual([
    { start: 0, end: 1 },
    { start: 1, end: 11 },
  ]);
});
