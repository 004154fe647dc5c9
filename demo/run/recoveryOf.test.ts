import { expect, test } from "vitest";
import type { GenerateEvent } from "../../src/core/index.ts";
import { recoveryOf } from "./recoveryOf.ts";

const lost: GenerateEvent = { type: "lost", reason: "reset" };
const recovered: GenerateEvent = { type: "recovered", attempt: 1, ms: 1200 };
const progress: GenerateEvent = { type: "progress", committed: 1, total: 2 };

test("a run has what last became of its device", () => {
  expect(recoveryOf([progress])).toBeUndefined();
  expect(recoveryOf([progress, lost])).toEqual({ phase: "lost", reason: "reset" });
  const once = { phase: "recovered", reason: "reset", count: 1, ms: 1200 };
  expect(recoveryOf([progress, lost, recovered, progress])).toEqual(once);
  expect(recoveryOf([lost, recovered, lost])).toEqual({ phase: "lost", reason: "reset" });
  expect(recoveryOf([lost, recovered, lost, recovered])).toMatchObject({ count: 2 });
});
