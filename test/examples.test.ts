/** Runs the examples with the commands in their first lines. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { embeddedAnswer } from "./support/embeddedAnswer.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("a custom decoder halves the open positions", () => {
  const output = execFileSync("node", ["examples/node/ownDecoder.mjs"], { cwd: root, encoding: "utf8" });
  const lines = output.trim().split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "64 open, 32 committed",
    "32 open, 16 committed",
    "16 open, 8 committed",
  ]);
  expect(lines.at(-1)).toBe("cloud stone river");
});

test.each([
  ["node", ["examples/node/generate.mjs"]],
  ["node_modules/.bin/deno", ["run", "-A", "examples/deno/generate.ts"]],
])("%s %j", async (command, args) => {
  const options = { cwd: root, encoding: "utf8" } as const;
  const prompt = "reverse river stone cloud";
  const output = execFileSync(command, [...args, prompt], options);
  expect(output).toMatch(/^step 0: \d+ tokens\n/);
  expect(output.endsWith(`\n${await embeddedAnswer(prompt)}\n`)).toBe(true);
});
