import fc from "fast-check";
import { expect, test } from "vitest";
import { steadyTimeline } from "../../run/index.ts";
import { planPicture } from "./picturePlan.ts";

const passes = (count: number) => new Array<number>(count).fill(0);

test("a picture begins with the masks, shows each pass, and rests at the end", () => {
  const { starts, frames } = planPicture(steadyTimeline(passes(3), 125), 1);
  expect(starts).toEqual([0, 825, 950, 1075]);
  expect(new Set(frames.map(({ frame }) => frame))).toEqual(new Set([0, 1, 2, 3]));
  expect(frames[0]).toEqual({ atMs: 0, frame: 0, durationMs: 50 });
  expect(frames.at(-1)).toEqual({ atMs: 2000, frame: 3, durationMs: 3000 });
});

test("at any length and speed the frames follow one another and do not become too many", () => {
  const anySpeed = fc.constantFrom(0.25, 1, 8, 64);
  fc.assert(
    fc.property(fc.nat(3000), anySpeed, (count, speed) => {
      const { frames } = planPicture(steadyTimeline(passes(count), 125), speed);
      expect(frames.length).toBeLessThanOrEqual(402);
      expect(frames.at(-1)!.frame).toBe(count);
      for (const [index, { atMs, durationMs, frame }] of frames.entries()) {
        expect(durationMs % 10).toBe(0);
        const next = frames[index + 1];
        if (!next) continue;
        expect(next.atMs).toBe(atMs + durationMs);
        expect(next.frame).toBeGreaterThanOrEqual(frame);
      }
    }),
  );
});
