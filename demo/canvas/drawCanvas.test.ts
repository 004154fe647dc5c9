import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { maskToken, smallRun, startOf, stepOf } from "../testing/events.ts";
import { FakeContext, FakePath } from "../testing/fakeContext.ts";
import { record } from "../testing/record.ts";
import { type CanvasOptions, drawCanvas, drawStill } from "./drawCanvas.ts";
import { layOut } from "./layout.ts";
import { lightPalette as palette } from "./palette.ts";

beforeEach(() => vi.stubGlobal("Path2D", FakePath));
afterEach(() => vi.unstubAllGlobals());

const atRest = () => Number.POSITIVE_INFINITY;

/** What is drawn of a frame, and which of it belongs to a position. */
function drawFrame(
  events: Parameters<typeof record>[0],
  frame: number,
  options: Partial<CanvasOptions> = {},
) {
  const recording = record(events);
  const layout = layOut(recording, { width: 500 });
  const context = new FakeContext();
  const isMoving = drawCanvas(context as unknown as CanvasRenderingContext2D, {
    frame: recording.frame(frame),
    layout,
    palette,
    colorBy: "confidence",
    sinceMs: atRest,
    ...options,
  });
  const at = (position: number) => {
    const box = layout.boxes.find((each) => each.position === position)!;
    // Outlines and glows reach a little beyond their cell.
    const isInside = ([x, y, width]: readonly number[]) =>
      x! >= box.x - 5 &&
      x! + width! / 2 < box.x + box.width + 1 &&
      y! >= box.y - 5 &&
      y! <= box.y + box.height + 2;
    return context.drawn
      .filter(({ boxes }) => boxes.some(isInside))
      .map(({ kind, color, text, alpha }) => [kind, text ?? color, ...(alpha < 1 ? [alpha] : [])]);
  };
  return { at, isMoving, drawn: context.drawn, layout };
}

test("a mask has a ground and a border, and nothing else before the first pass", () => {
  const { at, isMoving } = drawFrame(smallRun, 0);
  expect(at(3)).toEqual([
    ["fill", palette.mask],
    ["stroke", palette.maskBorder],
  ]);
  expect(isMoving).toBe(false);
});

test("a guess stands pale in its mask, which is full as far as the guess is sure", () => {
  const { at, drawn, layout } = drawFrame(smallRun, 1, { frame: record(smallRun).frame(1) });
  expect(at(3)).toContainEqual(["fill", palette.guessLevel]);
  expect(at(3)).toContainEqual(["text", "b", 0.7]);
  const levels = drawn.find(({ color }) => color === palette.guessLevel)!.boxes;
  const { height } = layout.boxes[3]!;
  expect(levels.map(([, , , level]) => level)).toEqual(
    [0.4, 0.6, 0.9].map((each) => Math.round(each * (height - 2))),
  );
  expect(drawFrame(smallRun, 1, { showsGuesses: false }).at(3)).not.toContainEqual(["text", "b", 0.7]);
});

test("a commit has the colour of its confidence, and glows until it is at rest", () => {
  const rest = drawFrame(smallRun, 2);
  expect(rest.at(2)).toContainEqual(["fill", palette.confidence[1]]);
  expect(rest.at(2)).toContainEqual(["text", "c"]);
  expect(rest.at(2).flat()).not.toContain(palette.flash);
  const fresh = drawFrame(smallRun, 2, { sinceMs: (frame) => (frame === 2 ? 0 : Number.POSITIVE_INFINITY) });
  expect(fresh.at(2)).toContainEqual(["stroke", palette.flash]);
  expect(fresh.isMoving).toBe(true);
  expect(drawFrame(smallRun, 2, { colorBy: "age" }).at(2)).toContainEqual(["fill", palette.age.fresh]);
});

test("an edit has a mark that stays, and a glow of its own colour", () => {
  expect(drawFrame(smallRun, 3).at(2)).toContainEqual(["fill", palette.edit]);
  expect(drawFrame(smallRun, 3).at(4)).not.toContainEqual(["fill", palette.edit]);
  expect(drawFrame(smallRun, 3, { sinceMs: () => 0 }).at(2)).toContainEqual(["stroke", palette.edit]);
});

test("pinned text has a ground and an outline of its own; a stop is a quiet sign", () => {
  const pinned = [
    startOf([2, maskToken, 4], 1),
    stepOf({ window: { start: 0, end: 3 }, block: { start: 1, end: 3 } }),
  ];
  const { at, drawn } = drawFrame(pinned, 0);
  expect(at(2)).toEqual([
    ["fill", palette.pinned],
    ["text", "b"],
    ["stroke", palette.pin],
  ]);
  expect(drawn.find(({ text }) => text === "b")!.color).toBe(palette.text);
  const stop = drawFrame(smallRun, 1).drawn.filter(({ text }) => text === "∙");
  expect(stop.map(({ color }) => color)).toEqual([palette.quiet, palette.guess]);
});

test("the focus has an outline, what is selected one and a tint, and no other cell has any", () => {
  const { drawn, at } = drawFrame(smallRun, 0, { focus: 3, selection: new Set([4]) });
  expect(at(3)).toContainEqual(["stroke", palette.focus]);
  const outlines = drawn.filter(({ color }) => color === palette.focus || color === palette.selection);
  expect(outlines.map(({ kind, color }) => [kind, color])).toEqual([
    ["stroke", palette.focus],
    ["fill", palette.selection],
    ["stroke", palette.selection],
  ]);
});

test("the block is outlined, and computed cells are marked where others come from the cache", () => {
  const outlined = drawFrame(smallRun, 2)
    .drawn.filter(({ kind }) => kind === "stroke")
    .map(({ color }) => color);
  expect(outlined).toContain(palette.block);
  const marked = drawFrame(smallRun, 2).drawn.find(({ color }) => color === palette.recomputed)!;
  expect(marked.boxes).toHaveLength(4);
  expect(drawFrame(smallRun, 1).drawn.some(({ color }) => color === palette.recomputed)).toBe(false);
});

test("of a next frame, the cells that look otherwise are drawn, and the picture is that of a whole drawing", () => {
  // Twelve cells of which one is committed in the second pass; the others' guesses stay.
  const canvas = [2, ...Array.from({ length: 12 }, () => maskToken)];
  const guesses = Array.from({ length: 12 }, (_, index) => [index + 1, 3, 0.5] as const);
  const recording = record([
    startOf(canvas, 1),
    stepOf({ guesses }),
    stepOf({ commits: [[4, 5, 0.95]], guesses: guesses.filter(([position]) => position !== 4) }),
  ]);
  const layout = layOut(recording, { width: 500 });
  const optionsOf = (frame: number): CanvasOptions => ({
    frame: recording.frame(frame),
    layout,
    palette,
    colorBy: "confidence",
    sinceMs: atRest,
  });
  const draw = (frame: number, before?: CanvasOptions) => {
    const context = new FakeContext();
    drawStill(context as unknown as CanvasRenderingContext2D, optionsOf(frame), before);
    return context.drawn.filter(({ kind }) => kind === "text").map(({ text }) => text);
  };
  expect(draw(2, optionsOf(1))).toEqual(["c"]);
  expect(draw(2, optionsOf(2))).toEqual([]);
  expect(draw(2)).toHaveLength(13);
  // Every mask has a guess since the first pass: nearly all is drawn anew.
  expect(draw(1, optionsOf(0))).toHaveLength(13);
  expect(draw(2, { ...optionsOf(1), colorBy: "age" })).toHaveLength(13);
});
