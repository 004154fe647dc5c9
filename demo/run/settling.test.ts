import { expect, test } from "vitest";
import { Settling } from "./settling.ts";

test("a frame settles from when it was shown first", () => {
  const settling = new Settling();
  settling.show(0, 100);
  settling.show(2, 200);
  settling.show(2, 250);
  expect([0, 1, 2].map((frame) => settling.sinceMs(frame, 300))).toEqual([200, 100, 100]);
  expect(settling.sinceMs(3, 300)).toBe(Infinity);
});

test("going backwards leaves what stays at rest, and the later frames settle again", () => {
  const settling = new Settling();
  settling.show(3, 100);
  settling.show(1, 200);
  expect(settling.sinceMs(1, 210)).toBe(Infinity);
  settling.show(2, 220);
  expect(settling.sinceMs(2, 230)).toBe(10);
  settling.clear();
  expect(settling.sinceMs(2, 240)).toBe(Infinity);
});
