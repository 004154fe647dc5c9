/** Runs the examples of docs/server.md and compares their output with the block that follows each. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { type ServerType, serve } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine } from "../../src/core/index.ts";
import { appOf, loadTiny } from "./support/tiny.ts";

const text = readFileSync(new URL("../../docs/server.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => ({
  language,
  code: code!,
}));
const examples = blocks.flatMap(({ language, code }, index) =>
  language === "sh" && code.startsWith("curl ") ? [{ code, answer: blocks[index + 1]! }] : [],
);

let engine: Engine;
let server: ServerType;
beforeAll(async () => {
  engine = await loadTiny();
  server = await new Promise<ServerType>((resolve) => {
    const { fetch } = appOf(engine);
    const started = serve({ fetch, port: 0, hostname: "127.0.0.1" }, () => resolve(started));
  });
});
afterAll(async () => {
  server.close();
  await engine.dispose();
});

test("every endpoint has an example", () => {
  expect(examples.length).toBeGreaterThanOrEqual(12);
  for (const path of ["chat/completions", "v1/completions", "infill", "tokenize", "detokenize", "models"])
    expect(examples.some(({ code }) => code.includes(path))).toBe(true);
});

test.each(examples)("$code", async ({ code, answer }) => {
  const { port } = server.address() as AddressInfo;
  const command = code
    .replace("http://localhost:8000", `http://127.0.0.1:${port}`)
    .replace("curl", "curl -s");
  const { stdout } = await promisify(execFile)("sh", ["-c", command]);
  if (answer.language === "json") expect(JSON.parse(stdout)).toMatchObject(JSON.parse(answer.code));
  else for (const line of answer.code.trim().split("\n")) expect(stdout.split(/\r?\n/)).toContain(line);
});
