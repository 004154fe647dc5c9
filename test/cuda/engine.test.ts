/** The native engine's order of work, its memory for copies, and its faults, on the host device. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Addon, loadAddon } from "../../src/backends/cuda/addon.ts";
import { cuda } from "../../src/backends/cuda/index.ts";
import { Engine } from "../../src/core/index.ts";
import { filesOnDisk } from "../support/surroundings.ts";

const addon: Addon = loadAddon("host");

async function open(): Promise<number> {
  const { handle, opened } = addon.open(0);
  await opened;
  return handle;
}

let handle: number;
beforeAll(async () => {
  handle = await open();
});
afterAll(() => addon.close(handle));

const bytesOf = async (answer: Promise<ArrayBuffer>) => [...new Uint8Array(await answer)];

test("answers are in the order of the calls, each with the bytes of its time", async () => {
  const [from, to] = [await addon.allocate(handle, 4), await addon.allocate(handle, 4)];
  const order: number[] = [];
  const answers = [1, 2, 3, 4, 5].map((value) => {
    addon.write(handle, from!, 0, Uint8Array.of(value, value, value, value));
    addon.copy(handle, from!, 1, to!, 0, 2);
    const answer = addon.read(handle, [
      [to!, 0, 2],
      [from!, 3, 1],
    ]);
    void answer.then(() => order.push(value));
    return answer;
  });
  for (const [index, answer] of answers.entries()) {
    const value = index + 1;
    expect(await bytesOf(answer)).toEqual([value, value, value]);
  }
  expect(order).toEqual([1, 2, 3, 4, 5]);
});

test("JavaScript goes on while the device has much to do", async () => {
  const size = 2 ** 24;
  const buffer = await addon.allocate(handle, size);
  const events: string[] = [];
  const answers = [0, 1].map(() => addon.read(handle, [[buffer, 0, size]]).then(() => events.push("answer")));
  setImmediate(() => events.push("turn"));
  await Promise.all(answers);
  expect(events).toEqual(["turn", "answer", "answer"]);
});

test("a write that is larger than all pinned memory for writes", async () => {
  const words = Uint32Array.from({ length: 20 * 2 ** 20 }, (_, index) => Math.imul(index, 2654435761));
  const buffer = await addon.allocate(handle, words.byteLength);
  addon.write(handle, buffer, 0, new Uint8Array(words.buffer));
  const found = new Uint32Array(await addon.read(handle, [[buffer, 0, words.byteLength]]));
  expect(found.every((word, index) => word === words[index])).toBe(true);
  addon.release(handle, buffer);
});

test("a program that does not exist, or is forgotten, is an error that stays", async () => {
  for (const prepare of [
    () => {},
    (own: number) => {
      addon.define(own, 7, new Uint32Array());
      addon.forget(own, 7);
    },
  ]) {
    const own = await open();
    const buffer = await addon.allocate(own, 64);
    prepare(own);
    addon.run(own, 7, buffer, 0, buffer);
    const error = { code: "internal", message: "Program 7 does not exist" };
    await expect(addon.read(own, [])).rejects.toMatchObject(error);
    await expect(addon.allocate(own, 4)).rejects.toMatchObject(error);
    addon.close(own);
  }
});

test("a fault ends all work that waits, and all that follows", async () => {
  const own = await open();
  const buffer = await addon.allocate(own, 64);
  const before = addon.read(own, [[buffer, 0, 4]]);
  await before;
  addon.breakDown!(own);
  addon.write(own, buffer, 0, new Uint8Array(4));
  const lost = { code: "device-lost", message: "the host device was broken for a test" };
  const waiting = [
    addon.read(own, [[buffer, 0, 4]]),
    addon.read(own, []),
    addon.load(own, "/dev/zero", Float64Array.of(0, 4, buffer, 0), 4096, () => {}).done,
    addon.allocate(own, 4),
  ];
  for (const end of await Promise.allSettled(waiting))
    expect(end).toMatchObject({ status: "rejected", reason: lost });
  await expect(addon.read(own, [[buffer, 0, 4]])).rejects.toMatchObject(lost);
  addon.close(own);
  expect(() => addon.release(own, buffer)).toThrow("The engine is closed");
});

test("a fault ends an engine: its requests, waiting ones too, and no other device is opened", async () => {
  const spare = await open();
  addon.close(spare);
  const engine = await Engine.load(filesOnDisk.tinyModel, {
    backend: cuda({ device: "host", activations: "f32" }),
    decodeLoop: "device",
  });
  const generate = async () => {
    for await (const event of engine.generate({ prompt: "sort 3 1 2", genLength: 32 }))
      if (event.type === "start") addon.breakDown!(spare + 1);
  };
  const ends = await Promise.allSettled([generate(), generate(), generate()]);
  for (const end of ends) {
    expect(end).toMatchObject({ status: "rejected", reason: { code: "device-lost" } });
    expect((end as PromiseRejectedResult).reason.message).toContain(
      "Cannot use CUDA again as errors of CUDA last until the process ends",
    );
  }
  await expect(generate()).rejects.toMatchObject({ code: "device-lost" });
  await engine.dispose();
});
