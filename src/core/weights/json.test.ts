import { describe, expect, test } from "vitest";
import { memory } from "../../sources/memory.ts";
import { parseJson, readJson } from "./json.ts";

const error = (code: string, text: string) =>
  expect.objectContaining({ name: "DiffusionError", code, message: expect.stringContaining(text) });

describe("readJson", () => {
  test("reads an object", async () => {
    const source = memory({ "config.json": '\uFEFF{"model_type":"llada","é":[1,null]}' });
    expect(await readJson(source, "config.json")).toEqual({ model_type: "llada", é: [1, null] });
  });

  test.each([
    ["bad UTF-8", Uint8Array.of(0x7b, 0xc3, 0x7d), "as it is not valid UTF-8"],
    ["bad JSON", "{,}", "as it is not valid JSON: found "],
    ["nothing", "", "as it is not valid JSON"],
    ["an array", "[1]", "as it must hold a JSON object: found an array"],
    ["a number", "12", "as it must hold a JSON object: found 12"],
    ["null", "null", "as it must hold a JSON object: found null"],
  ])("refuses %s", async (_, content, text) => {
    const reading = readJson(memory({ "c.json": content }, "models/x"), "c.json");
    await expect(reading).rejects.toEqual(error("invalid-file", `Cannot read 'models/x/c.json' ${text}`));
  });

  test("refuses a file of more than 256 MiB without reading it", async () => {
    const read = () => Promise.reject(new Error("must not be read"));
    const source = { ...memory({}), open: async () => ({ name: "c.json", size: 2 ** 28 + 1, read }) };
    await expect(readJson(source, "c.json")).rejects.toEqual(error("invalid-file", "found 268435457"));
  });

  test("passes on that the file is missing", async () => {
    await expect(readJson(memory({}), "c.json")).rejects.toEqual(error("not-found", '"c.json"'));
  });

  test("passes on the signal", async () => {
    const reading = readJson(memory({ "c.json": "{}" }), "c.json", AbortSignal.abort("enough"));
    await expect(reading).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  });

  test("refuses bytes that come back short", async () => {
    const read = async () => new Uint8Array(3);
    const source = { ...memory({}), open: async () => ({ name: "c.json", size: 4, read }) };
    await expect(readJson(source, "c.json")).rejects.toEqual(
      error("io", "4 bytes were expected at 0: found 3"),
    );
  });
});

describe("parseJson", () => {
  const twice = new TextEncoder().encode('{"a":1,"a":2}');

  test("takes the last of two equal keys", () => expect(parseJson(twice, "x")).toEqual({ a: 2 }));

  test("refuses equal keys on request", () =>
    expect(() => parseJson(twice, "x", { uniqueKeys: true })).toThrow(
      'no key may stand twice in one object: found "a"',
    ));

  test("does not let a file change prototypes", () => {
    const value = parseJson(new TextEncoder().encode('{"__proto__":{"polluted":1}}'), "x");
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(["__proto__"]);
  });
});
