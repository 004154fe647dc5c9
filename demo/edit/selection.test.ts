import fc from "fast-check";
import { expect, test } from "vitest";
import {
  drag,
  extendFrom,
  noSelection,
  press,
  type Selection,
  select,
  selectedPositions,
} from "./selection.ts";

const of = (selection: Selection) => [...selectedPositions(selection)];
const anyPosition = fc.integer({ min: 0, max: 30 });
const range = (a: number, b: number) =>
  Array.from({ length: Math.abs(a - b) + 1 }, (_, index) => Math.min(a, b) + index);

test("a press selects a cell, a drag the range, and a plain press begins anew", () => {
  fc.assert(
    fc.property(anyPosition, anyPosition, anyPosition, anyPosition, (a, b, c, d) => {
      const dragged = drag(drag(press(noSelection, a), b), c);
      expect(of(dragged)).toEqual(range(a, c));
      expect(of(press(dragged, d))).toEqual([d]);
    }),
  );
});

test("Shift goes on from the cell where the gesture began", () => {
  let selection = press(press(noSelection, 4), 9, { extends: true });
  expect(of(selection)).toEqual([4, 5, 6, 7, 8, 9]);
  selection = press(selection, 2, { extends: true });
  expect(of(selection)).toEqual([2, 3, 4]);
  expect(of(press(noSelection, 7, { extends: true }))).toEqual([7]);
});

test("Ctrl adds a range to what was selected, and takes away where it begins on a selected cell", () => {
  let selection = drag(press(noSelection, 1), 3);
  selection = drag(press(selection, 6, { adds: true }), 7);
  expect(of(selection)).toEqual([1, 2, 3, 6, 7]);
  selection = drag(press(selection, 2, { adds: true }), 6);
  expect(of(selection)).toEqual([1, 7]);
  selection = press(selection, 5, { adds: true, extends: true });
  expect(of(selection)).toEqual([1, 6, 7]);
  expect(of(press(selection, 9, { extends: true }))).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
});

test("the same cell added twice is as it was before", () => {
  fc.assert(
    fc.property(fc.array(anyPosition), anyPosition, (before, position) => {
      const start = select(before);
      const twice = press(press(start, position, { adds: true }), position, { adds: true });
      expect(selectedPositions(twice)).toEqual(new Set([...before].sort((a, b) => a - b)));
    }),
  );
});

test("a drag without a press selects nothing", () => {
  expect(of(drag(noSelection, 3))).toEqual([]);
});

test("Shift with arrows grows and shrinks the range from where it began; elsewhere another one begins", () => {
  let selection = extendFrom(noSelection, 5, 6);
  selection = extendFrom(selection, 6, 7);
  expect(of(selection)).toEqual([5, 6, 7]);
  selection = extendFrom(extendFrom(selection, 7, 6), 6, 4);
  expect(of(selection)).toEqual([4, 5]);
  expect(of(extendFrom(selection, 9, 10))).toEqual([9, 10]);
  expect(of(extendFrom(selection, 9, 10, { adds: true }))).toEqual([4, 5, 9, 10]);
});
