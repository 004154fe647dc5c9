import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findStopString, findStopToken, StopStringFilter } from "./stops.ts";

describe("stop tokens", () => {
  test("the first one within the range is found", () => {
    const tokens = Int32Array.of(9, 5, 3, 7, 9, 3);
    expect(findStopToken(tokens, new Set([3, 7]))).toBe(2);
    expect(findStopToken(tokens, new Set([9]), { start: 1 })).toBe(4);
    expect(findStopToken(tokens, new Set([9]), { start: 1, end: 4 })).toBeUndefined();
    expect(findStopToken(tokens, new Set())).toBeUndefined();
    expect(findStopToken([1], new Set([1]), { start: -3, end: 9 })).toBe(0);
  });
});

/** Tries every position. */
function naive(text: string, stops: readonly string[]) {
  for (let start = 0; start < text.length; start++) {
    const here = stops.filter((stop) => text.startsWith(stop, start)).sort((a, b) => a.length - b.length);
    if (here[0] !== undefined) return { start, stop: here[0] };
  }
  return undefined;
}

const letters = fc.constantFrom(..."abc");
const text = fc.string({ unit: letters, maxLength: 30 });
const stops = fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 5 }), { maxLength: 4 });

describe("stop strings", () => {
  test("the first one is found, and the shortest at the same start", () => {
    expect(findStopString("xabcd", ["bc", "abcd", "abc"])).toEqual({ start: 1, stop: "abc" });
    expect(findStopString("xab", ["c"])).toBeUndefined();
    fc.assert(
      fc.property(text, stops, (text, stops) => {
        expect(findStopString(text, stops)).toEqual(naive(text, stops));
      }),
    );
  });

  test("a filter cuts where a search of the whole text does, for any pieces of the text", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), stops, (pieces, stops) => {
        const filter = new StopStringFilter(stops);
        const results = [...pieces.map((piece) => filter.push(piece)), filter.finish()];
        const whole = pieces.join("");
        const match = naive(whole, stops);
        expect(results.map((each) => each.text).join("")).toBe(whole.slice(0, match?.start));
        expect(results.at(-1)?.stopped).toBe(match?.stop);
      }),
      { numRuns: 2000 },
    );
  });

  test("a filter holds back only the possible start of a stop string", () => {
    const filter = new StopStringFilter(["\nUser:"]);
    expect(filter.push("Hi.\n\nUs")).toEqual({ text: "Hi.\n" });
    expect(filter.push("ual")).toEqual({ text: "\nUsual" });
    expect(filter.push("\nUser: more")).toEqual({ text: "", stopped: "\nUser:" });
    expect(filter.push("\nUser:")).toEqual({ text: "", stopped: "\nUser:" });
    expect(filter.finish()).toEqual({ text: "", stopped: "\nUser:" });
  });

  test("a complete stop string waits for an incomplete one that began earlier", () => {
    const late = new StopStringFilter(["abc", "b"]);
    expect([late.push("xab"), late.push("c")]).toEqual([{ text: "x" }, { text: "", stopped: "abc" }]);
    const never = new StopStringFilter(["abc", "b"]);
    expect([never.push("xab"), never.finish()]).toEqual([{ text: "x" }, { text: "a", stopped: "b" }]);
  });

  test("too many and too long stop strings are refused", () => {
    const refused = (found: number) =>
      expect.objectContaining({
        code: "invalid-request",
        message: expect.stringMatching(`: found ${found}$`),
      });
    const many = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);
    expect(() => new StopStringFilter(many(65))).toThrow(refused(65));
    expect(() => findStopString("a", ["b".repeat(4097)])).toThrow(refused(4097));
    const filter = new StopStringFilter([...many(63), "b".repeat(4096)]);
    expect(filter.push(`${"b".repeat(4095)}c`).text).toBe(`${"b".repeat(4095)}c`);
  });

  test("an empty stop string is refused", () => {
    const refused = expect.objectContaining({
      code: "invalid-request",
      message: expect.stringContaining('found ""'),
    });
    expect(() => new StopStringFilter(["a", ""])).toThrow(refused);
    expect(() => findStopString("a", [""])).toThrow(refused);
  });
});
