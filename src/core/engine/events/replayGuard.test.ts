import { expect, test } from "vitest";
import type { GenerateEvent, RecoveredEvent } from "./events.ts";
import { extendDecisions, type MakeEvent, ReplayGuard } from "./replayGuard.ts";

const extension = { type: "extend", start: 4, end: 8, genLength: 8 } as const;
const recovered: RecoveredEvent = { type: "recovered", attempt: 1, ms: 5 };
const progress = (committed: number): MakeEvent => {
  return () => ({ type: "progress", committed, total: 9 });
};

async function read(guard: ReplayGuard): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of guard.drain()) events.push(event);
  return events;
}

test("an event is made once, when the consumer takes it", async () => {
  const guard = new ReplayGuard();
  const made: number[] = [];
  for (const committed of [1, 2, 3]) {
    guard.push(["progress"], () => {
      made.push(committed);
      return progress(committed)();
    });
  }
  guard.end();
  expect(made).toEqual([]);
  const events = guard.drain();
  await events.next();
  expect(made).toEqual([1]);
  await events.next();
  expect(made).toEqual([1, 2]);
});

test("a replay emits only new events", async () => {
  const guard = new ReplayGuard();
  guard.push(extendDecisions(extension), () => extension);
  guard.push(["progress"], progress(1));
  guard.beginReplay(recovered);
  guard.push(extendDecisions(extension), () => extension);
  guard.push(["progress"], progress(1));
  expect(guard.replaying).toBe(true);
  guard.push(["progress"], progress(2));
  expect(guard.replaying).toBe(false);
  guard.end();
  expect(await read(guard)).toEqual([extension, progress(1)(), recovered, progress(2)()]);
});

test("an event that is not compared is emitted in a replay too", async () => {
  const guard = new ReplayGuard();
  guard.push(["progress"], progress(1));
  guard.beginReplay(recovered);
  guard.pushUncompared(progress(7));
  guard.push(["progress"], progress(1));
  guard.end();
  expect(await read(guard)).toEqual([progress(1)(), recovered, progress(7)()]);
});

test.each([
  ["other numbers", extendDecisions({ start: 4, end: 9 })],
  ["fewer numbers", ["extend", 4] as const],
  ["another type", ["progress", 4, 8] as const],
])("a replay with %s fails", async (_, decisions) => {
  const guard = new ReplayGuard();
  guard.push(extendDecisions(extension), () => extension);
  guard.beginReplay(recovered);
  guard.push(decisions, () => extension);
  expect(guard.failed).toBe(true);
  await expect(read(guard)).rejects.toMatchObject({ code: "device-lost" });
});
