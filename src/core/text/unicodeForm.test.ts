import fc from "fast-check";
import { expect, test } from "vitest";
import { finish } from "../pausing.ts";
import { shrinkageOf } from "./normalizer.ts";
import { separablePieces, unicodeForm } from "./unicodeForm.ts";

const forms = ["NFC", "NFD", "NFKC", "NFKD"] as const;
/** Marks of several classes, Hangul in parts, letters that compose, and their compatible forms. */
const unit = fc.constantFrom(
  ..."aeo가각\u1100\u1161\u11a8\u0300\u0323\u0345\u0307か\u3099ｶ\uff9e\u{1D15E}\u{16D63}\u{16D67}ᾳ\n \ud800🙂",
);

test("pieces of any length give the form of the whole", () => {
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

test("every character that this runtime composes with one before it is known to combine", () => {
  const [shrinkage] = [shrinkageOf({ type: "NFC" })!];
  let composed = 0;
  for (let code = 0x80; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const parts = character.normalize("NFD");
    if (parts === character) continue;
    composed++;
    expect(parts.length / character.length, parts).toBeLessThanOrEqual(shrinkage);
    const second = [...parts].slice(1);
    if (second.length === 0) continue;
    // no piece begins with it, though each is to be a piece by itself
    const [first, ...others] = separablePieces(`a${second.join("")}a`, { length: 1 });
    if (first !== `a${second.join("")}` || others.length !== 1) expect.fail(`U+${code.toString(16)}`);
  }
  expect(composed).toBeGreaterThan(10_000);
});

test("marks without end are refused, before they take time with their square", () => {
  const marks = "\u0300\u0323".repeat(200_000);
  expect(() => finish(unicodeForm(`a${marks}`, "NFC"))).toThrow(
    "at most 1024 characters may combine with one before them: found more in a row",
  );
  const some = `a${"\u0300\u0323".repeat(500)}b`.repeat(40);
  expect(finish(unicodeForm(some, "NFC"))).toBe(some.normalize("NFC"));
});
