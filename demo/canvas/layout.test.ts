import fc from "fast-check";
import { expect, test } from "vitest";
import { Recording } from "../run/index.ts";
import { maskToken, smallRun, startOf, stepOf } from "../testing/events.ts";
import { answerOf, record } from "../testing/record.ts";
import { cellAt } from "./hitTest.ts";
import { layOut } from "./layout.ts";
import { maskColumnsOf } from "./maskColumns.ts";
import { neighbour } from "./neighbour.ts";
import { outlines } from "./outline.ts";
import { shownText } from "./shownText.ts";
import { textRuns } from "./textRuns.ts";

const anyTokens = fc.array(fc.constantFrom(0, 3, 4, 6, 7, 8), { minLength: 1, maxLength: 60 });
const anyWidth = fc.integer({ min: 60, max: 500 });

test("texts have columns, wide characters two", () => {
  expect([" the", "日本", "é", "👍🏽", "", "\r\n\t"].map((text) => shownText(text).columns)).toEqual([
    4, 4, 1, 2, 0, 2,
  ]);
});

test("cells stand in order, inside of the width, without an overlap", () => {
  fc.assert(
    fc.property(anyTokens, anyWidth, (tokens, width) => {
      const recording = answerOf(tokens);
      const { boxes, lines, height } = layOut(recording, { width });
      expect(boxes.map(({ position }) => position)).toEqual([...Array(tokens.length + 1).keys()]);
      expect(lines.flatMap(({ first, end }) => boxes.slice(first, end))).toEqual(boxes);
      for (const [index, box] of boxes.entries()) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
        const next = boxes[index + 1];
        if (next?.line === box.line) expect(next.x).toBeGreaterThanOrEqual(box.x + box.width);
        else if (next) expect(next.y).toBeGreaterThan(box.y + box.height);
      }
    }),
  );
});

test("the middle of each cell hits it, and beside all cells there is none", () => {
  fc.assert(
    fc.property(anyTokens, anyWidth, (tokens, width) => {
      const layout = layOut(answerOf(tokens), { width });
      for (const { x, y, width, height, position } of layout.boxes)
        expect(cellAt(layout, x + width / 2, y + height / 2)).toBe(position);
      expect(cellAt(layout, -1, -1)).toBeUndefined();
      expect(cellAt(layout, width + 1, 8)).toBeUndefined();
      expect(cellAt(layout, 8, layout.height + 1)).toBeUndefined();
    }),
  );
});

test("a line ends where the text breaks it, and the answer begins on a line of its own", () => {
  const { boxes } = layOut(answerOf([3, 7, 4]), { width: 500 });
  expect(boxes.map(({ line }) => line)).toEqual([0, 1, 1, 2]);
  const { boxes: answer } = layOut(answerOf([3, 7, 4]), { width: 500, showsPrompt: false });
  expect(answer.map(({ position, line }) => [position, line])).toEqual([
    [1, 0],
    [2, 0],
    [3, 1],
  ]);
});

test("a word of the prompt stays on one line where it fits, its letters side by side", () => {
  const recording = record([startOf([3, 9, 6, 3, 4, 9, 5], 7), stepOf({})]);
  // "az", then " theabzc" in five tokens.
  const lines = (width: number) => layOut(recording, { width }).boxes.map(({ line }) => line);
  expect(lines(500)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(lines(100)).toEqual([0, 0, 1, 1, 1, 1, 1]);
  expect(lines(50)).toEqual([0, 0, 1, 2, 2, 2, 2]);
  const [first, second] = layOut(recording, { width: 500 }).boxes;
  expect(second!.x).toBeCloseTo(first!.x + first!.width);
});

test("a playback moves no cell: widths are those of the last frame unless another one is asked for", () => {
  const recording = answerOf([6, 3]);
  const [, wide] = layOut(recording, { width: 500 }).boxes;
  const [, mask] = layOut(recording, { width: 500, frame: 0 }).boxes;
  expect(wide!.width).toBeGreaterThan(3 * mask!.width - 12);
  expect(layOut(recording, { width: 500, frame: 0, maskColumns: 4 }).boxes[1]!.width).toBe(wide!.width);
  expect(layOut(new Recording(), { width: 500 }).boxes).toEqual([]);
});

test("while a run goes on no cell moves, and masks are as wide as most tokens that are known", () => {
  const prompt = [3, 6, 6, 6, 6];
  fc.assert(
    fc.property(anyTokens, anyWidth, (tokens, width) => {
      const recording = record([startOf([...prompt, ...tokens.map(() => maskToken)], prompt.length)]);
      const layoutNow = () =>
        layOut(recording, { width, keepsMasks: true, maskColumns: maskColumnsOf(recording) });
      const first = layoutNow();
      for (const [index, token] of tokens.entries()) {
        recording.add(stepOf({ commits: [[prompt.length + index, token, 0.9]] }));
        expect(layoutNow()).toEqual(first);
      }
      recording.add({
        type: "extend",
        start: recording.length,
        end: recording.length + 2,
        genLength: tokens.length + 2,
      });
      expect(layoutNow().boxes.slice(0, first.boxes.length)).toEqual(first.boxes);
    }),
    { numRuns: 30 },
  );
  const columnsOf = (tokens: readonly number[]) => maskColumnsOf(record([startOf(tokens, tokens.length)]));
  // " the" has four columns, "a" one, control tokens none of their own.
  expect([columnsOf(prompt), columnsOf([3, 4, 5, 6]), columnsOf([0, 0]), columnsOf([3, 6])]).toEqual([
    4, 1, 1, 1,
  ]);
});

test("keys lead from cell to cell and stop at the edges", () => {
  const layout = layOut(answerOf([3, 4, 7, 4]), { width: 500 });
  const from = (position: number | undefined) => (direction: Parameters<typeof neighbour>[2]) =>
    neighbour(layout, position, direction);
  const keys = ["left", "right", "up", "down", "lineStart", "lineEnd", "first", "last"] as const;
  expect(keys.map(from(2))).toEqual([1, 3, 0, 4, 1, 3, 0, 4]);
  expect(keys.map(from(4))).toEqual([3, 4, 1, 4, 4, 4, 0, 4]);
  expect(from(undefined)("right")).toBe(0);
  expect(from(undefined)("last")).toBe(4);
  expect(neighbour(layOut(new Recording(), { width: 9 }), 3, "left")).toBeUndefined();
});

test("an outline encloses the cells of its range and no others", () => {
  fc.assert(
    fc.property(anyTokens, anyWidth, fc.nat(30), fc.nat(30), (tokens, width, start, count) => {
      const layout = layOut(answerOf(tokens), { width });
      const polygons = outlines(layout, { start, end: start + count }, 1);
      for (const box of layout.boxes) {
        const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        const isInside = box.position >= start && box.position < start + count;
        expect(polygons.filter((polygon) => contains(polygon, middle)).length).toBe(isInside ? 1 : 0);
      }
    }),
  );
});

/** Whether a ray from the point to the right crosses the polygon an odd number of times. */
function contains(polygon: readonly { x: number; y: number }[], { x, y }: { x: number; y: number }): boolean {
  let inside = false;
  for (const [index, a] of polygon.entries()) {
    const b = polygon[(index + 1) % polygon.length]!;
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

test("the text view has runs of neighbouring cells of one class", () => {
  const recording = record([...smallRun]);
  const runs = (index: number, options?: Parameters<typeof textRuns>[1]) =>
    textRuns(recording.frame(index), options).map(({ text, className }) => [text, className]);
  expect(runs(0)).toEqual([
    ["Qa", "prompt"],
    ["░░░░", "mask"],
  ]);
  expect(runs(1, { showsGuesses: true, showsPrompt: false })).toEqual([
    ["cb", "guess"],
    ["", "commit sure fresh"],
    ["", "guess"],
  ]);
  expect(runs(3)).toEqual([
    ["Qa", "prompt"],
    ["a", "commit sure edited fresh"],
    ["b", "commit sure fresh"],
    ["", "commit sure"],
    ["", "filled"],
  ]);
});
