import { expect, test } from "vitest";
import { assertFileName, isFileName } from "./fileName.ts";

test.each([
  "config.json",
  "model-00001-of-00002.safetensors",
  "transformer/model.safetensors",
  "a..b",
  "...",
  ".hidden",
  "ü ü",
])("%j stays inside", (name) => {
  expect(isFileName(name)).toBe(true);
  expect(() => assertFileName(name, "m")).not.toThrow();
});

test.each([
  "",
  "/",
  "/etc/passwd",
  "..",
  ".",
  "../x",
  "a/../../x",
  "a/..",
  "a//b",
  "a/",
  "./a",
  "a\\b",
  "..\\x",
  "C:x",
  "http://x/y",
  "a\0b",
])("%j does not", (name) => {
  expect(isFileName(name)).toBe(false);
  expect(() => assertFileName(name, "m")).toThrow(expect.objectContaining({ code: "invalid-file" }));
});
