import { describe, expect, test } from "vitest";
import { type DroppedItem, droppedModel, filesModel } from "./droppedModel.ts";

const fileItem = (name: string): DroppedItem => ({
  kind: "file",
  getAsFile: () => new File(["{}"], name),
});

/** A folder as browsers without handles give it: its entries come in parts. */
function folderEntry(name: string, parts: readonly (readonly object[])[]): object {
  const rest = [...parts, []];
  return {
    name,
    isDirectory: true,
    createReader: () => ({ readEntries: (resolve: (part: object) => void) => resolve(rest.shift()!) }),
  };
}
const fileEntry = (name: string) => ({
  name,
  isDirectory: false,
  file: (resolve: (file: File) => void) => resolve(new File(["{}"], name)),
});
const entryItem = (entry: object): DroppedItem => ({
  kind: "file",
  getAsFile: () => null,
  webkitGetAsEntry: () => entry as FileSystemEntry,
});

describe("droppedModel", () => {
  test("a folder with a handle stays a handle", async () => {
    const handle = { kind: "directory", name: "llada" } as FileSystemHandle;
    const item: DroppedItem = {
      kind: "file",
      getAsFile: () => null,
      getAsFileSystemHandle: async () => handle,
    };
    expect(await droppedModel([item])).toEqual({ model: { kind: "folder", name: "llada", folder: handle } });
  });

  test("a folder without a handle becomes its files, without hidden ones", async () => {
    const sub = folderEntry("sub", [[fileEntry("notes.md")]]);
    const folder = folderEntry("llada", [[fileEntry("config.json"), fileEntry(".git")], [sub]]);
    const dropped = await droppedModel([entryItem(folder)]);
    expect(dropped).toMatchObject({ model: { kind: "files", name: "llada" } });
    const { model } = dropped as { model: { files: object } };
    expect(Object.keys(model.files)).toEqual(["config.json", "sub/notes.md"]);
  });

  test("single files are a model by their names, and text is no file", async () => {
    const text: DroppedItem = { kind: "string", getAsFile: () => null };
    const items = [fileItem("config.json"), fileItem("model.safetensors"), text];
    const dropped = await droppedModel(items);
    const { model } = dropped as { model: { files: object } };
    expect(Object.keys(model.files)).toEqual(["config.json", "model.safetensors"]);
  });

  test.each([
    [[], "found no file"],
    [[fileItem("cat.png")], "a model has a config.json: found cat.png"],
    [[fileItem("a.gguf"), fileItem("b.gguf")], "several GGUF files: found a.gguf, b.gguf"],
    [[entryItem(folderEntry("a", [])), entryItem(folderEntry("b", []))], "several things"],
  ])("%# is refused with what is accepted", async (items, message) => {
    expect(await droppedModel(items)).toMatchObject({
      problem: { message: expect.stringContaining(message), advice: expect.stringContaining("config.json") },
    });
  });
});

test("a GGUF file is a model, whatever else was dropped with it", async () => {
  const dropped = await droppedModel([fileItem("x.gguf"), fileItem("README.md")]);
  const { model } = dropped as { model: { name: string; files: object } };
  expect(Object.keys(model.files)).toEqual(["x.gguf"]);
});

test("a folder may hold a GGUF file beside a model", () => {
  const files = { "config.json": new Blob(), "extra.gguf": new Blob() };
  expect(filesModel("both", files)).toEqual({ model: { kind: "files", name: "both", files } });
});
