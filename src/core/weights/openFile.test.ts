/** Pointers of Git LFS in place of any file that loading reads. */
import { expect, test } from "vitest";
import { tinyFiles } from "../../../test/support/surroundings.ts";
import { memory } from "../../sources/memory.ts";
import { readModelFiles } from "../engine/modelFiles.ts";
import { openFile } from "./openFile.ts";
import { readSafetensorsHeader } from "./safetensors.ts";

const pointer = (version: string, bytes: number) =>
  `version ${version}\noid sha256:${"4d7a2146".repeat(8)}\nsize ${bytes}\n`;
const lfs = pointer("https://git-lfs.github.com/spec/v1", 4_321_000);

/** The files that loading opens, up to the first that it cannot make anything of. */
async function opened(files: Record<string, Uint8Array | string>): Promise<readonly string[]> {
  const source = memory(files);
  const names = new Set<string>();
  const loading = readModelFiles({
    name: source.name,
    list: () => source.list(),
    open: (name) => {
      names.add(name);
      return source.open(name);
    },
  });
  await loading.catch(() => {});
  return [...names].filter((name) => name in files);
}

const { "model.safetensors": weights, "tokenizer.json": _, ...others } = await tinyFiles();
const shard = "model-1-of-1.safetensors";
const header = await readSafetensorsHeader(await memory({ [shard]: weights! }).open(shard));
const index = { weight_map: Object.fromEntries(header.map(({ name }) => [name, shard])) };

const models: Record<string, Record<string, Uint8Array | string>> = {
  "in one piece": await tinyFiles(),
  "with a template of its own": { ...(await tinyFiles()), "chat_template.jinja": "{{ messages }}" },
  "in shards": {
    ...(await tinyFiles()),
    "model.safetensors.index.json": JSON.stringify(index),
    [shard]: weights!,
  },
  "with a slow tokenizer's files": {
    ...others,
    "tokenizer_config.json": '{"tokenizer_class":"Qwen2Tokenizer"}',
    "vocab.json": '{"a":0}',
    "merges.txt": "#version: 0.2",
  },
};

test.each(Object.keys(models))(
  "each file that is opened of a model %s is refused as a pointer",
  async (name) => {
    const files = models[name]!;
    const names = await opened(files);
    expect(names.length).toBeGreaterThanOrEqual(5);
    for (const each of names) {
      const error = await readModelFiles(memory({ ...files, [each]: lfs })).catch((thrown) => thrown);
      expect(error).toMatchObject({ name: "DiffusionError", code: "invalid-file" });
      expect(error.message).toContain(`${each}' as its content is still in Git LFS ("git lfs pull"`);
      expect(error.message).toContain("found a pointer to 4321000 bytes");
    }
  },
);

test.each([
  ["the name that the format had first", pointer("https://hawser.github.com/spec/v1", 5), true],
  ["a text about it", `The line is:\n${lfs}`, false],
  ["no text at all", "\u0000version", false],
  ["a file that is empty", "", false],
  ["a file that is too long for a pointer", lfs + " ".repeat(1024), false],
])("%s: %#", async (_, content, isPointer) => {
  const opening = openFile(memory({ f: content }), "f");
  if (isPointer) await expect(opening).rejects.toMatchObject({ code: "invalid-file" });
  else expect((await opening).name).toBe("memory/f");
});
