import { expect, test } from "vitest";
import { memory } from "./memory.ts";
import { modelFileOf, oneFile } from "./oneFile.ts";

test.each([
  ["x.gguf", ".", "x.gguf"],
  ["models/a b/x.gguf", "models/a b", "x.gguf"],
  ["/x.gguf", "/", "x.gguf"],
  ["C:\\models\\x.gguf", "C:\\models", "x.gguf"],
  ["hf:owner/name:x-Q4_K.gguf", "owner/name", "x-Q4_K.gguf"],
  ["owner/name@v1:folder/x.gguf", "owner/name@v1", "folder/x.gguf"],
  ["https://host/m/x%20y.gguf?token=1", "https://host/m/?token=1", "x y.gguf"],
])("%s is a file of a model", (text, model, file) => {
  expect(modelFileOf(text)).toEqual({ model, file });
});

test.each(["owner/name", "models/x.gguf/", "https://host/m/", "hf:owner/name:x.safetensors", "gguf"])(
  "%s is not",
  (text) => {
    expect(modelFileOf(text)).toBeUndefined();
  },
);

test("a source with one file lists it alone and opens it", async () => {
  const source = oneFile(memory({ "a.gguf": "a", "config.json": "{}" }, "folder"), "a.gguf");
  expect(await source.list()).toEqual(["a.gguf"]);
  expect(source.name).toBe("folder/a.gguf");
  expect((await source.open("a.gguf")).size).toBe(1);
});
