import { expect, test } from "vitest";
import { darkPalette, lightPalette } from "../canvas/index.ts";
import { Recording } from "../run/index.ts";
import { maskToken, revokingRun, smallRun, startOf, stepOf } from "../testing/events.ts";
import { record } from "../testing/record.ts";
import { colorsOf, rgbOf } from "./colors.ts";
import { placeText } from "./placeText.ts";
import { heightOf, kinds, type Surface, surfaceOf } from "./surfaceOf.ts";

const row = ({ confidences, columns }: Surface, index: number) =>
  [...confidences.slice(index * columns, (index + 1) * columns)].map((each) => Math.round(100 * each) / 100);
const kindsOf = (surface: Surface, index: number) => {
  const names = Object.keys(kinds);
  const { columns } = surface;
  return [...surface.kinds.slice(index * columns, (index + 1) * columns)].map((kind) => names[kind]);
};

test("confidences are those of guesses under masks, and of commits and edits from then on", () => {
  const surface = surfaceOf(record(smallRun));
  expect([surface.start, surface.columns, surface.rows]).toEqual([2, 4, 4]);
  expect([0, 1, 2, 3].map((index) => row(surface, index))).toEqual([
    [0, 0, 0, 0],
    [0.4, 0.6, 1, 0.9],
    [0.5, 0.8, 1, 0.9],
    // The last position is filled in behind the stop, without a decision.
    [0.99, 0.95, 1, 0],
  ]);
  expect(kindsOf(surface, 1)).toEqual(["guess", "guess", "commit", "guess"]);
  expect(kindsOf(surface, 3)).toEqual(["edit", "commit", "commit", "fill"]);
});

test("a run without guesses is flat until commits, pinned text is certain, and later positions are absent before", () => {
  const surface = surfaceOf(
    record([
      startOf([2, maskToken, 4], 1),
      stepOf({ commits: [[1, 3, 0.7]] }),
      { type: "extend", start: 3, end: 4, genLength: 3 },
      stepOf({ commits: [[3, 5, 0.6]] }),
    ]),
  );
  expect([0, 1, 2].map((index) => row(surface, index))).toEqual([
    [0, 1, 0],
    [0.7, 1, 0],
    [0.7, 1, 0.6],
  ]);
  expect(kindsOf(surface, 0)).toEqual(["mask", "given", "absent"]);
  expect(kindsOf(surface, 1)).toEqual(["commit", "given", "mask"]);
  expect(surfaceOf(new Recording())).toMatchObject({ columns: 0, rows: 0 });
});

test("a revoked position is a mask again, and has the confidence of the guesses behind it", () => {
  const surface = surfaceOf(record(revokingRun));
  expect([1, 2, 3, 4].map((index) => [kindsOf(surface, index)[0], row(surface, index)[0]])).toEqual([
    ["commit", 0.7],
    ["mask", 0],
    ["guess", 0.4],
    ["commit", 0.8],
  ]);
  expect(placeText(record(revokingRun), 1, 2)).toBe("Pass 2, position 0: masked again in this pass.");
});

test("every nine of a confidence is a quarter of the height", () => {
  expect([0, 0.9, 0.99, 0.999, 0.9999, 1].map((each) => heightOf(each).toFixed(3))).toEqual([
    "0.000",
    "0.250",
    "0.500",
    "0.750",
    "1.000",
    "1.000",
  ]);
  const { heights, confidences } = surfaceOf(record(smallRun));
  expect([...heights]).toEqual([...Float32Array.from(confidences, heightOf)]);
});

test("colours are those of the canvas", () => {
  const surface = surfaceOf(record(smallRun));
  const css = (packed: number) =>
    `#${[0, 8, 16].map((shift) => ((packed >>> shift) & 255).toString(16).padStart(2, "0")).join("")}`;
  const colors = [...colorsOf(surface, lightPalette, "confidence")].map(css);
  const { confidence, mask, edit, age } = lightPalette;
  expect(colors.slice(0, 4)).toEqual([mask, mask, mask, mask]);
  // A guess has a tint of what its commit would be.
  expect(colors.slice(4, 8)).toEqual(["#e3dfde", "#e2e3e1", confidence.at(-1), "#dbe4e5"]);
  expect(colors[12]).toBe(edit);
  expect(css(colorsOf(surface, lightPalette, "age")[6]!)).toBe(age.fresh);
  expect(css(colorsOf(surface, lightPalette, "age")[10]!)).toBe(age.recent);
  for (const palette of [lightPalette, darkPalette])
    expect(colorsOf(surface, palette, "age")).toHaveLength(16);
  expect(rgbOf("#ff8000")).toEqual([1, 128 / 255, 0]);
  expect(() => rgbOf("red")).toThrow(/#rrggbb: found 'red'/);
});

test("a place is described with what stands there and what becomes of it", () => {
  const recording = record(smallRun);
  expect(placeText(recording, 2, 0)).toBe("Before the first pass, position 0: masked, committed in pass 2.");
  expect(placeText(recording, 3, 1)).toBe("Pass 1, position 1: guess “b” 60 %, committed in pass 3.");
  expect(placeText(recording, 4, 1)).toBe("Pass 1, position 2: committed “<eos>” 100 % in this pass.");
  expect(placeText(recording, 2, 3)).toBe("Pass 3, position 0: changed to “a” 99 % in this pass.");
  expect(placeText(recording, 5, 2)).toBe("Pass 2, position 3: guess “<eos>” 90 %, filled in pass 3.");
  const pinned = record([startOf([2, maskToken, 4], 1), stepOf({})]);
  expect(placeText(pinned, 2, 1)).toBe("Pass 1, position 1: given, and not to be decided.");
});
