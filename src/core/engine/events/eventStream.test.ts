import { expect, test } from "vitest";
import { EventStream } from "./eventStream.ts";
import type { GenerateEvent } from "./events.ts";

const event = (index: number) => ({ type: "block", start: index, end: index + 1 }) as GenerateEvent;

/** A stream over a list of ready events, behind a source that waits for `arrive`. */
function streamOf(ready: GenerateEvent[]) {
  let cleaned = 0;
  let wake = () => {};
  async function* source() {
    try {
      for (;;) {
        while (ready.length === 0)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        yield ready.shift()!;
      }
    } finally {
      cleaned++;
    }
  }
  const stream = new EventStream(source(), () => ready.shift());
  const arrive = (...events: GenerateEvent[]) => {
    ready.push(...events);
    wake();
  };
  return { stream, arrive, cleanedCount: () => cleaned };
}

test("concurrent calls get the events in order, whether they were ready or not", async () => {
  const { stream, arrive } = streamOf([event(0)]);
  const taken = Array.from({ length: 4 }, () => stream.next());
  arrive(event(1), event(2), event(3));
  const results = await Promise.all(taken);
  expect(results.map(({ value }) => value)).toEqual([event(0), event(1), event(2), event(3)]);
});

test("a stream that is left while it waits cleans up once, and has no more events", async () => {
  const { stream, arrive, cleanedCount } = streamOf([event(0)]);
  await stream.next();
  const waiting = stream.next();
  const left = stream.return();
  arrive(event(1), event(2));
  expect((await waiting).value).toEqual(event(1));
  expect(await left).toEqual({ value: undefined, done: true });
  expect(cleanedCount()).toBe(1);
  expect(await stream.next()).toEqual({ value: undefined, done: true });
});

test("an event that cannot be made ends the stream with its error", async () => {
  const source = streamOf([]).stream;
  const stream = new EventStream(source, () => {
    throw new Error("no event");
  });
  await expect(stream.next()).rejects.toThrow("no event");
  expect((await stream.next()).done).toBe(true);
});
