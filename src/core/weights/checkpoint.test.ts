import { describe, expect, test } from "vitest";
import { safetensors } from "../../../test/support/safetensors.ts";
import { memory } from "../../sources/memory.ts";
import { openCheckpoint, readWeightMap, weightsFile, weightsIndexFile } from "./checkpoint.ts";

const shard = (...names: string[]) =>
  safetensors(names.map((name) => ({ name, dtype: "f32" as const, shape: [2], data: [1, 2] })));
const one = "model-00001-of-00002.safetensors";
const two = "model-00002-of-00002.safetensors";
const indexed = (weightMap: unknown, files: Record<string, Uint8Array | string> = {}) =>
  memory({
    [weightsIndexFile]: JSON.stringify({ weight_map: weightMap }),
    [one]: shard("a", "b"),
    [two]: shard("c"),
    ...files,
  });
const error = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });

describe("one file", () => {
  test("gives its tensors by name", async () => {
    const { tensors, bytes } = await openCheckpoint(memory({ [weightsFile]: shard("a", "b") }));
    expect([...tensors.keys()]).toEqual(["a", "b"]);
    expect(tensors.get("b")).toMatchObject({ name: "b", dtype: "f32", shape: [2], bytes: 8 });
    expect(bytes).toBe(16);
  });

  test("is refused if it is damaged", async () => {
    const opening = openCheckpoint(memory({ [weightsFile]: new Uint8Array(3) }));
    await expect(opening).rejects.toEqual(error("invalid-file", weightsFile));
  });
});

describe("several shards", () => {
  test("give their tensors together", async () => {
    const { tensors, bytes } = await openCheckpoint(indexed({ a: one, b: one, c: two }));
    expect([...tensors.keys()].sort()).toEqual(["a", "b", "c"]);
    expect(tensors.get("c")?.source.name).toBe(`memory/${two}`);
    expect(bytes).toBe(24);
  });

  test("may lie in a folder, beside a single file that the index outranks", async () => {
    const source = indexed(
      { d: "parts/x.safetensors" },
      { "parts/x.safetensors": shard("d"), [weightsFile]: shard("z") },
    );
    expect([...(await openCheckpoint(source)).tensors.keys()]).toEqual(["d"]);
  });

  test("are at most four at once under way", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `s${i}.safetensors`);
    const source = indexed(
      Object.fromEntries(names.map((name) => [name, name])),
      Object.fromEntries(names.map((name) => [name, shard(name)])),
    );
    let underWay = 0;
    let most = 0;
    const counting = {
      ...source,
      async open(name: string) {
        const file = await source.open(name);
        const read = async (offset: number, length: number) => {
          most = Math.max(most, ++underWay);
          await new Promise((resolve) => setTimeout(resolve, 1));
          underWay--;
          return file.read(offset, length);
        };
        return { ...file, read };
      },
    };
    expect((await openCheckpoint(counting)).tensors.size).toBe(12);
    expect(most).toBe(4);
  });

  test("are incomplete", async () => {
    const opening = openCheckpoint(indexed({ a: one, b: one, c: two, d: "three.safetensors" }));
    await expect(opening).rejects.toEqual(
      error("not-found", 'shard "three.safetensors" is missing: found 2 of 3 shards'),
    );
  });

  test("lack a tensor of the index", async () => {
    await expect(openCheckpoint(indexed({ a: one, b: one, c: two, d: two }))).rejects.toEqual(
      error("invalid-file", `tensor "d" is not in its shard: found "${two}"`),
    );
  });

  test("have a tensor that the index does not name", async () => {
    await expect(openCheckpoint(indexed({ a: one, c: two }))).rejects.toEqual(
      error("invalid-file", `shard "${one}" has a tensor that the index does not: found "b"`),
    );
  });

  test("have a tensor twice", async () => {
    const source = indexed({ a: one, b: one, c: two }, { [two]: shard("c", "a") });
    await expect(openCheckpoint(source)).rejects.toEqual(
      error("invalid-file", `shard "${two}" has a tensor that the index does not: found "a"`),
    );
  });
});

describe("the index", () => {
  test.each(["../x.safetensors", "/x.safetensors", "a\\x.safetensors", "a/../../x", "", "C:x"])(
    "may not name the shard %j",
    async (name) => {
      await expect(openCheckpoint(indexed({ a: name }))).rejects.toEqual(
        error("invalid-file", "its name must be a relative path inside it"),
      );
    },
  );
  test("has its names checked even if the source checks none", async () => {
    const trusting = { ...indexed({ a: "../x.safetensors" }), name: "trusting" };
    await expect(readWeightMap(trusting)).rejects.toEqual(
      error("invalid-file", "Cannot open a file of 'trusting'"),
    );
  });
  test.each([[undefined], [null], [[]], ["x"]])("may not have the weight_map %j", async (weightMap) => {
    await expect(openCheckpoint(indexed(weightMap))).rejects.toEqual(
      error("invalid-file", "has no object 'weight_map'"),
    );
  });
  test("may not be empty", async () => {
    await expect(openCheckpoint(indexed({}))).rejects.toEqual(
      error("invalid-file", "its 'weight_map' is empty"),
    );
  });
  test("may not name shards by anything but strings", async () => {
    await expect(openCheckpoint(indexed({ a: 1 }))).rejects.toEqual(
      error("invalid-file", 'the shard of "a" must be'),
    );
  });
  test("may not name a tensor twice", async () => {
    const index = `{"weight_map":{"a":"${one}","a":"${two}"}}`;
    await expect(openCheckpoint(memory({ [weightsIndexFile]: index }))).rejects.toEqual(
      error("invalid-file", 'no key may stand twice in one object: found "a"'),
    );
  });
  test("is damaged, which is not the same as missing", async () => {
    const source = memory({ [weightsIndexFile]: "{", [weightsFile]: shard("a") });
    await expect(openCheckpoint(source)).rejects.toEqual(error("invalid-file", "not valid JSON"));
  });
  test("maps tensors to shards", async () => {
    expect([...(await readWeightMap(indexed({ a: one, c: two })))]).toEqual([
      ["a", one],
      ["c", two],
    ]);
  });
});

describe("no weights", () => {
  test("says what other formats there are", async () => {
    const files = ["config.json", "pytorch_model.bin", "x-Q4.gguf", "lora.safetensors", "old.pt"];
    const source = memory(Object.fromEntries(files.map((name) => [name, ""])), "m");
    await expect(openCheckpoint(source)).rejects.toEqual(
      error(
        "not-found",
        "Cannot open the weights of 'm' as it has neither 'model.safetensors.index.json' nor 'model.safetensors': " +
          'found "pytorch_model.bin", "x-Q4.gguf", "lora.safetensors", 1 more, which cannot be read here (a GGUF file is a model of its own: name it)',
      ),
    );
  });
  test("says that there are none at all", async () => {
    await expect(openCheckpoint(memory({ "config.json": "{}" }))).rejects.toEqual(
      error("not-found", "found no weights of another format either"),
    );
  });
  test("does not hide an abort", async () => {
    const opening = openCheckpoint(memory({}), AbortSignal.abort("enough"));
    await expect(opening).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  });
});
