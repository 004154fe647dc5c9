import { expect, test } from "vitest";
import { isImmutable, nameIn, partOf } from "./answers.ts";

const files = ["index.html", "assets/app-1a2b.js", "embedded/config.json"];

test.each([
  ["https://host/demo/", "index.html"],
  ["https://host/demo/?hub=x#y", "index.html"],
  ["https://host/demo/assets/app-1a2b.js", "assets/app-1a2b.js"],
  ["https://host/demo/embedded/config.json", "embedded/config.json"],
  ["https://host/demo/other.js", undefined],
  ["https://host/elsewhere/index.html", undefined],
  ["https://hub/demo/index.html", undefined],
])("%s is %s", (address, name) => {
  expect(nameIn(files, address, "https://host/demo/")).toBe(name);
});

test("only names with a checksum are immutable", () => {
  expect(files.filter(isImmutable)).toEqual(["assets/app-1a2b.js"]);
});

test.each([
  ["bytes=2-4", 206, "cde", "bytes 2-4/10"],
  ["bytes=7-", 206, "hij", "bytes 7-9/10"],
  ["bytes=8-99", 206, "ij", "bytes 8-9/10"],
  ["bytes=10-12", 416, "", "bytes */10"],
])("%s of a whole file", async (range, status, text, contentRange) => {
  const part = await partOf(new Response("abcdefghij", { headers: { etag: '"v"' } }), range);
  expect([part.status, await part.text()]).toEqual([status, text]);
  expect([part.headers.get("content-range"), part.headers.get("etag")]).toEqual([contentRange, '"v"']);
});

test("without a range the file is whole", async () => {
  const whole = new Response("abc");
  expect(await partOf(whole, null)).toBe(whole);
});
