/** Models in a store: found by their listings and labels, with what is there of them, and deleted without what others share. */
import { expect, test } from "vitest";
import { hubModel, text } from "../../test/support/hubModel.ts";
import { commitOf, noise } from "../../test/support/hubServer.ts";
import { loopback, withRanges } from "../../test/support/loopback.ts";
import { diskCache } from "./diskCache.ts";
import { deleteKept, keptModels, url } from "./index.ts";

const { server, folder, cached, open } = hubModel();
const single = "model.safetensors";
const config = text("{}");
const web = loopback();

/** Downloads what an engine would read. */
async function load(id = server.id): Promise<void> {
  const source = open({ cache: diskCache(folder()) }, id);
  await source.open("config.json");
  await source.download!([single]);
}

test("an empty store has none", async () => {
  expect(await keptModels(diskCache(folder()))).toEqual([]);
});

test("a model is complete once its weights are there, and unfinished bytes count", async () => {
  server.files = { "config.json": config, [single]: noise(300_000, 1) };
  const controller = new AbortController();
  server.pace = { bytes: 100_000, ms: 0 };
  server.onSent = (bytes) => bytes >= 200_000 && controller.abort();
  await cached().open("config.json");
  const store = diskCache(folder());
  await expect(cached().download!([single], { signal: controller.signal })).rejects.toMatchObject({
    code: "aborted",
  });
  const need = await cached().downloadNeed!([single]);
  expect(need.totalBytes).toBe(300_000);
  const [part] = await keptModels(store);
  expect(part).toMatchObject({ kind: "hub", name: "org/model", isComplete: false, totalBytes: 300_002 });
  expect(part!.bytes).toBe(2 + need.presentBytes);
  server.onSent = () => {};
  await load();
  expect(await cached().downloadNeed!([single])).toEqual({ totalBytes: 0, presentBytes: 0 });
  const [whole] = await keptModels(store);
  expect(whole).toMatchObject({ name: "org/model", isComplete: true, bytes: 300_002, totalBytes: 300_002 });
});

test("the shards are those of the index; without it, the total is unknown", async () => {
  const index = text(JSON.stringify({ weight_map: { a: "model-1.safetensors", b: "model-2.safetensors" } }));
  server.files = { ...server.files, "model.safetensors.index.json": index };
  const source = cached();
  await source.open("config.json");
  const [before] = await keptModels(diskCache(folder()));
  expect(before).toMatchObject({ isComplete: false });
  expect(before).not.toHaveProperty("totalBytes");
  await source.open("model.safetensors.index.json");
  await source.download!(["model-1.safetensors"]);
  const [one] = await keptModels(diskCache(folder()));
  expect(one).toMatchObject({ isComplete: false, totalBytes: one!.bytes + 300_001 });
  await source.download!(["model-2.safetensors"]);
  expect((await keptModels(diskCache(folder())))[0]).toMatchObject({ isComplete: true });
});

test("deleting a revision leaves what another one shares, and deleting both leaves nothing", async () => {
  server.files = { "config.json": config, [single]: noise(1000, 1) };
  await load();
  server.revisions = { main: commitOf("second") };
  server.files = { ...server.files, "config.json": text("{ }") };
  await load();
  const store = diskCache(folder());
  const found = await keptModels(store);
  expect(found.map(({ name }) => name).sort()).toEqual(["org/model", `org/model@${commitOf("first")}`]);
  await deleteKept(store, found.find(({ name }) => name === "org/model")!);
  const [left, ...more] = await keptModels(store);
  expect([left!.name, left!.isComplete, more]).toEqual([`org/model@${commitOf("first")}`, true, []]);
  await deleteKept(store, left!);
  expect(await store.entries()).toEqual([]);
});

test("an unfinished file is deleted too", async () => {
  server.files = { "config.json": config, [single]: noise(1000, 1) };
  await cached().open("config.json");
  const store = diskCache(folder());
  const [model] = await keptModels(store);
  const growing = await store.grow(model!.keys.find((key) => key.includes("sha256-"))!);
  await growing.append(new Uint8Array(10));
  await growing.release();
  await deleteKept(store, model!);
  expect(await store.entries()).toEqual([]);
});

test("files of a web server are listed by the address of their folder", async () => {
  web.handle = withRanges({ "a.bin": noise(100, 1), "b.bin": noise(50, 2) });
  const store = diskCache(folder());
  await url(web.base, { cache: store }).download!(["a.bin", "b.bin"]);
  const address = new URL("m/", web.base).href;
  const [model, ...more] = await keptModels(store);
  expect(more).toEqual([]);
  expect(model).toMatchObject({
    kind: "address",
    name: address,
    bytes: 150,
    totalBytes: 150,
    isComplete: true,
  });
  await deleteKept(store, model!);
  expect(await store.entries()).toEqual([]);
});
