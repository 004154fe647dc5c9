import fc from "fast-check";
import { expect, test } from "vitest";
import { AddedTokenSplitter } from "./addedTokenSplitter.ts";
import type { AddedToken } from "./addedTokens.ts";

function token(text: string, options: Partial<AddedToken> = {}): AddedToken {
  const defaults = {
    special: true,
    normalized: false,
    stripsLeft: false,
    stripsRight: false,
    singleWord: false,
  };
  return { id: text.length, text, ...defaults, ...options };
}

const split = (splitter: AddedTokenSplitter, text: string, offset?: number) =>
  [...splitter.split(text, offset)].filter((each) => each !== undefined);
const show = (tokens: readonly AddedToken[], text: string) =>
  split(new AddedTokenSplitter(tokens), text).map((each) => (each.token ? `[${each.text}]` : each.text));

test("matches the leftmost token, and the longest at the same start", () => {
  expect(show([token("ab"), token("abc"), token("bcd")], "xabcdabd")).toEqual([
    "x",
    "[abc]",
    "d",
    "[ab]",
    "d",
  ]);
});

test("matches pattern characters literally", () => {
  expect(show([token("<|a|>"), token("[b]"), token(".*")], "<a>b<|a|>[b]x.*")).toEqual([
    "<a>b",
    "[<|a|>]",
    "[[b]]",
    "x",
    "[.*]",
  ]);
});

test("includes white space in tokens with stripsLeft or stripsRight", () => {
  const left = token("<l>", { stripsLeft: true });
  const right = token("<r>", { stripsRight: true });
  expect(show([left, right], "a <l> b <r>\n c <r> <l> ")).toEqual([
    "a",
    "[<l>]",
    " b ",
    "[<r>]",
    "c ",
    "[<r>]",
    "[<l>]",
    " ",
  ]);
  expect(show([right, token("\n")], "a<r>\n\nb")).toEqual(["a", "[<r>]", "b"]);
});

test("does not match a singleWord token within a word", () => {
  expect(show([token("re", { singleWord: true })], "re are re-do éré")).toEqual([
    "[re]",
    " are ",
    "[re]",
    "-do éré",
  ]);
});

test("segments are the text at their offsets", () => {
  const splitter = new AddedTokenSplitter([token("<a>"), token("<ab>")]);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."<ab> é") }), fc.nat({ max: 9 }), (text, offset) => {
      const segments = split(splitter, text, offset);
      for (const { start, text: part } of segments)
        expect(text.slice(start - offset)).toMatch(new RegExp(`^${part}`));
      expect(segments.map((each) => each.text).join("")).toBe(text);
      expect(segments.filter((each) => each.token).length).toBe(text.match(/<ab?>/g)?.length ?? 0);
    }),
  );
});
