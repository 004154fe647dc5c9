import { expect, test } from "vitest";
import { describeCommits, describeMasks } from "./describe.ts";

const a = { frames: [0, 1, 2], masksLeft: [4, 3, 0], commits: [0, 1, 3] };
const b = { frames: [0, 1], masksLeft: [4, 0], commits: [0, 4] };

test("says what a chart shows, lane by lane", () => {
  expect(describeMasks([a])).toBe("from 4 masks to 0 in 2 forwards.");
  expect(describeMasks([a, b])).toBe(
    "A: from 4 masks to 0 in 2 forwards. B: from 4 masks to 0 in 1 forward.",
  );
  expect(describeCommits([a, b])).toBe(
    "A: 4 commits in 2 forwards, at most 3 in one. B: 4 commits in 1 forward, at most 4 in one.",
  );
});

test("a lane that has not begun has no masks and no forwards", () => {
  const empty = { frames: [], masksLeft: [], commits: [] };
  expect(describeMasks([empty])).toBe("from 0 masks to 0 in 0 forwards.");
});
