import fc from "fast-check";
import { expect, test } from "vitest";
import { runNow } from "../pausing.ts";
import { maxShrinkageOf } from "./normalizer.ts";
import { separablePieces, unicodeForm } from "./unicodeForm.ts";

const forms = ["NFC", "NFD", "NFKC", "NFKD"] as const;
/** Marks of several classes, parts of Hangul syllables, composing letters, and compatibility forms. */
const unit = fc.constantFrom(
  ..."aeo가각\u1100\u1161\u11a8\u0300\u0323\u0345\u0307か\u3099ｶ\uff9e\u{1D15E}\u{16D63}\u{16D67}ᾳ\n \ud800🙂",
);

test("pieces of any length give the form of the whole text", () => {
  fc.assert(
    fc.property(
      fc.string({ unit, maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(...forms),
      (text, length, form) => {
        const pieces = [...separablePieces(text, { length })];
        expect(pieces.join("")).toBe(text);
        expect(pieces.map((piece) => piece.normalize(form)).join("")).toBe(text.normalize(form));
      },
    ),
    { numRuns: 2000 },
  );
});

test("every character that this runtime composes with the one before it counts as combining", () => {
  const maxShrinkage = maxShrinkageOf({ type: "NFC" })!;
  let composed = 0;
  for (let code = 0x80; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const parts = character.normalize("NFD");
    if (parts === character) continue;
    composed++;
    expect(parts.length / character.length, parts).toBeLessThanOrEqual(maxShrinkage);
    const second = [...parts].slice(1);
    if (second.length === 0) continue;
    // no piece begins with a combining character, although pieces of one character are requested
    const [first, ...others] = separablePieces(`a${second.join("")}a`, { length: 1 });
    if (first !== `a${second.join("")}` || others.length !== 1) expect.fail(`U+${code.toString(16)}`);
  }
  expect(composed).toBeGreaterThan(10_000);
});

test("a long run of marks is refused, before it takes quadratic time", () => {
  const marks = "\u0300\u0323".repeat(200_000);
  expect(() => runNow(unicodeForm(`a${marks}`, "NFC"))).toThrow(
    "at most 1024 combining characters may follow each other: found more",
  );
  const some = `a${"\u0300\u0323".repeat(500)}b`.repeat(40);
  expect(runNow(unicodeForm(some, "NFC"))).toBe(some.normalize("NFC"));
});
