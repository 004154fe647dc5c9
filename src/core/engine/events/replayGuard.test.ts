import { expect, test } from "vitest";
import type { GenerateEvent, RecoveredEvent } from "./events.ts";
import { type Decisions, type MakeEvent, noDecisions, ReplayGuard } from "./replayGuard.ts";

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
    guard.push("progress", noDecisions, () => {
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
  guard.push("extend", [[4, 8]], () => extension);
  guard.push("progress", noDecisions, progress(1));
  guard.beginReplay(recovered);
  guard.push("extend", [[4, 8]], () => extension);
  guard.push("progress", noDecisions, progress(1));
  expect(guard.replaying).toBe(true);
  guard.push("progress", noDecisions, progress(2));
  expect(guard.replaying).toBe(false);
  guard.end();
  expect(await read(guard)).toEqual([extension, progress(1)(), recovered, progress(2)()]);
});

test("an event that is not compared is emitted in a replay too", async () => {
  const guard = new ReplayGuard();
  guard.push("progress", noDecisions, progress(1));
  guard.beginReplay(recovered);
  guard.pushUncompared(progress(7));
  guard.push("progress", noDecisions, progress(1));
  guard.end();
  expect(await read(guard)).toEqual([progress(1)(), recovered, progress(7)()]);
});

test.each<[string, GenerateEvent["type"], Decisions]>([
  ["other numbers", "extend", [[4, 9]]],
  ["fewer numbers", "extend", [[4]]],
  ["more lists", "extend", [[4, 8], []]],
  ["another type", "progress", [[4, 8]]],
])("a replay with %s fails", async (_, type, decisions) => {
  const guard = new ReplayGuard();
  guard.push("extend", [[4, 8]], () => extension);
  guard.beginReplay(recovered);
  guard.push(type, decisions, () => extension);
  expect(guard.failed).toBe(true);
  await expect(read(guard)).rejects.toMatchObject({ code: "device-lost" });
});
